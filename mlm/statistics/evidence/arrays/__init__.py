"""Sums that lie in files, or of which the distinct ones are held."""
