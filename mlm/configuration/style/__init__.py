"""The house style: what its files and colours must be to be embedded and read."""
