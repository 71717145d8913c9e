"""What users hold: the client, its settings, and the public artifact classes."""
