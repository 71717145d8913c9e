"""What the application needs of the outside world; each Protocol's docstring is its contract."""
