"""The models that were fitted."""
