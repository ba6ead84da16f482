"""A chart in all its forms, as the texts of SVGs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chart:
    """A chart as the texts of SVGs.

    Parameters
    ----------
    wide, narrow : str
        For paper and large screens, and for a phone; letters are text.
    alone : str
        To stand anywhere: with title, unit and source inside, letters as paths.
    """

    wide: str
    narrow: str
    alone: str
