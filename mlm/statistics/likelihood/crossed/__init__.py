"""The criterion, effects and draws where a factor is crossed with nested levels."""
