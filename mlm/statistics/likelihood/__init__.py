"""The criterion of a model as a function of its variance components."""
