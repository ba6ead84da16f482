"""Suppression: what to hide, or to show with fewer digits, so that no small count follows."""
