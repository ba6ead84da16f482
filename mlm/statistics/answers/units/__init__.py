"""Which units do better or worse than expected, and may they be ranked."""
