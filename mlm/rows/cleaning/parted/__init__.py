"""A wave that is cleaned in parts: files taken in by jobs of their own, and brought together."""
