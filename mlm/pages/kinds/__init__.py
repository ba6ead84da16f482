"""Kinds of reports: what each is made of, by the kind of its results."""
