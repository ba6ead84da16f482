"""The part of a configuration that describes a simulated survey."""
