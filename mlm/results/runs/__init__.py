"""What is recorded of runs: what made their files, and what earlier ones showed."""
