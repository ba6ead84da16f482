"""Replication: errors from how estimates differ between replicates of a sample."""
