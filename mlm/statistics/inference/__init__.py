"""What follows from a fit: tests, their reference distributions, intervals."""
