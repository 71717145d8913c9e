"""The domain: values and pure rules, with no I/O, clock, settings or framework."""
