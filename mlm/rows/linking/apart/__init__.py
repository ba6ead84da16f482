"""Waves that are read for linking one by one, by jobs of their own, and joined."""
