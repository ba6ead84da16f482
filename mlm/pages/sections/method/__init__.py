"""How it was done: methods, model card, limits, disclosure."""
