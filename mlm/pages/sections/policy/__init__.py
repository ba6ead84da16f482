"""What policies do."""
