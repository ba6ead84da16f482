"""Disclosure control: what a public report hides, so that few people cannot be recognised."""
