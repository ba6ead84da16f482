"""The second pass: residuals of the rows."""
