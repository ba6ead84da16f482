"""Question 3: which effects differ between units."""
