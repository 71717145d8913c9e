"""polaris."""
