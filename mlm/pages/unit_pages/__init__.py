"""Pages of single units, for inside use: one a school or county, and a list of them."""
