"""How far what is told of a sample depends on its weights, and on single clusters."""
