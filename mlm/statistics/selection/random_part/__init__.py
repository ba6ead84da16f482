"""The random part of the settled model: forms over waves of its levels, and random slopes."""
