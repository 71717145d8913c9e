"""What operators have done to a whole hub: backup, restore, checks, and clearing up."""
