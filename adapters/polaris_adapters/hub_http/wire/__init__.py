"""The wire of released Polaris Hubs: paths, documents in and out, and the catalogue on them."""
