"""How much variation there is at each level."""
