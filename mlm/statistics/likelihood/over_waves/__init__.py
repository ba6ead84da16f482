"""Covariances of a unit over the waves: their forms, and the one in the place of the residual."""
