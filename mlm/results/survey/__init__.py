"""The account of a survey: ledgers of its waves, checks, and what cannot be told apart."""
