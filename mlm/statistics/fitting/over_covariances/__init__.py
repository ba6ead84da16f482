"""Searches over covariances themselves: smooth where effects have no variance."""
