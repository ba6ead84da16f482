"""The sections of a report, one a module: each turns results into blocks of the document."""
