"""Question 5: how standards and the effects of units change over time."""
