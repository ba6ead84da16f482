"""What changed since the last results."""
