"""The search for the optimum, its certificate, and the fit."""
