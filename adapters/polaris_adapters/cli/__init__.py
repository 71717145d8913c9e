"""The command ``polaris``: a driving adapter over Click."""
