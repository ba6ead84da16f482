"""The data: flow of rows, missing values, units."""
