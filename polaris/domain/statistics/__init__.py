"""How certain scores are, and whether two of them differ."""
