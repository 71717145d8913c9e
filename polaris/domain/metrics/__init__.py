"""The metrics by which predictions are judged."""
