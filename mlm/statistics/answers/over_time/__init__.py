"""How standards and the effects of units change over time."""
