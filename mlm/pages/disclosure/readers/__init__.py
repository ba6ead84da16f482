"""Readers: what a published file says in words and numbers, one module a kind of file."""
