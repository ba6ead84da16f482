"""The house style of a publisher, and the fonts that are embedded."""
