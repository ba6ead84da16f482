"""The choice between models: backward steps, adequate subsets, the bound, inclusion."""
