"""How a sample was drawn and its scores measured: keys, columns, plan and checks."""
