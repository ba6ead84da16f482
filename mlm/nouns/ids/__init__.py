"""Ids: their normal form, spellings that may mean the same unit, words that name their columns."""
