"""Tables of a report as CSV files and as a workbook."""
