"""Question 2: which variables matter."""
