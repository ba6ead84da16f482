"""What becomes of missing values: keys, checks, and what an analysis is told."""
