"""The long table of a report: one row a statistic."""
