"""A first configuration drafted from data files: a new user edits it rather than writes it."""

from mlm.rows.scaffold.draft import draft_configuration

__all__ = ["draft_configuration"]
