"""One wave cleaned: files in, one checked table and its ledger out."""
