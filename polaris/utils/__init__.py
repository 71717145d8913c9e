"""The addresses at which polaris-lib users find errors, types and constants."""
