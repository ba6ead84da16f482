"""Checks of the models: residuals, influence, deletion."""
