"""What counts of results have to do with each other, by the kind of the results."""
