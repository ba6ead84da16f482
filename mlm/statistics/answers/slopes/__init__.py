"""Which effects differ between units."""
