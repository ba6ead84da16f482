"""Question 4: which units are above or below expectation, and may they be ranked."""
