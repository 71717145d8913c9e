"""One conformance suite per port; an adapter proves itself by deriving a test class."""
