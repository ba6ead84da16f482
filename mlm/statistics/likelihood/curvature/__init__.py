"""Curvature of the likelihood in closed form: expected information, second derivatives."""
