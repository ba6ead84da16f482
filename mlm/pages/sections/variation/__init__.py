"""Question 1: how much variation there is at each level."""
