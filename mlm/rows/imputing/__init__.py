"""Rows that lack values and the joint model of these: what it is made of, and rows filled in."""
