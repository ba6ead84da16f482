"""What policies do, and who is compared."""
