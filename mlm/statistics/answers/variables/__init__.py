"""Which variables matter: adjusted means, within and between effects."""
