"""Analyses of a survey, made of sums, of imputations or of rows of a sample. Layer: commands."""
