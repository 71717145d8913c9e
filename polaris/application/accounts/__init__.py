"""What people and operators do with the accounts of a hub, and the secrets that open them."""
