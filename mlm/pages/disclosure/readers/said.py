"""What a file says, in whatever form it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """What a file says.

    Attributes
    ----------
    texts : sequence of str
        Sentences, headings, labels and cells, one a text, in reading order.
    values : sequence of float
        Numbers that are stored as numbers.
    drawings : sequence of sequence of str
        The letterings of each chart: labels, numbers on marks and axes.
    is_laid_out : bool
        Whether texts are broken into lines and pages, so that a sentence may be several of them.
    are_cells : bool
        Whether texts are cells and headings of tables, whose parts are joined by signs: ``1:reg``.
    """

    texts: Sequence[str] = ()
    values: Sequence[float] = ()
    drawings: Sequence[Sequence[str]] = ()
    is_laid_out: bool = False
    are_cells: bool = False
