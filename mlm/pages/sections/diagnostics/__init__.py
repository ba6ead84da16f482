"""Checks of the models."""
