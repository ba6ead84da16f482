"""How tuples of records are stored: as objects by name, as rows of tables."""
