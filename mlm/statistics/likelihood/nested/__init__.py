"""The criterion, effects and draws where every level lies inside the one above."""
