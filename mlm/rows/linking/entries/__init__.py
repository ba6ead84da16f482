"""Rows that follow each other with the same ids, as one entry each; and the rows' own ids."""
