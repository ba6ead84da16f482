"""Columns that a score decides, such as who passed: parts of the outcome, which explain nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.rows.scaffold.profiles import FileProfile

MOST_BANDS = 10
"""Values of a column up to which it may be bands of a score."""

FEWEST_BY_A_CUT = 10
"""Rows on each side of a cut from which the cut tells anything."""

WRONG_BY_A_CUT = 0.02
"""Rows on the wrong side of a cut, as a share of those on its smaller side, that bands may have."""


def made_of_scores(
    files: Sequence[FileProfile], columns: Sequence[str], scores: Sequence[str]
) -> dict[str, str]:
    """Columns that are bands of a score in every file, with that score.

    Parameters
    ----------
    files : sequence of FileProfile
        The files, with all these columns.
    columns : sequence of str
        Columns that may be terms.
    scores : sequence of str
        Columns of numbers.
    """
    found = {}
    for column in columns:
        for score in scores:
            others = [other for other in columns if other not in (column, score)]
            if score != column and all(_are_bands(file, column, score, others) for file in files):
                found.setdefault(column, score)
    return found


def _are_bands(file: FileProfile, column: str, score: str, others: Sequence[str]) -> bool:
    """Whether each value of a column is of one range of a score, or is so in parts of the rows.

    A cut may be another one in each domain of a test: in each value of one of the other columns.
    """
    cells, numbers = file.columns[column], file.columns[score].numbers
    if not 2 <= len(cells.values) <= MOST_BANDS or len(file.columns[score].values) <= MOST_BANDS:
        return False
    codes, amounts = cells.codes, numbers[file.columns[score].distinct.codes]
    known = (codes >= 0) & np.isfinite(amounts)
    codes, amounts = codes[known], amounts[known]
    if not codes.size:
        return False
    if _of_bands(codes, amounts):
        return True
    for other in others:
        if 2 <= len(file.columns[other].values) <= MOST_BANDS:
            part = file.columns[other].codes[known]
            apart = [_of_bands(codes[part == p], amounts[part == p]) for p in np.unique(part)]
            if all(apart):
                return True
    return False


def _of_bands(codes: np.ndarray, amounts: np.ndarray) -> bool:
    """Whether codes (N,) are bands of amounts (N,)."""
    middle = {code: float(np.median(amounts[codes == code])) for code in np.unique(codes)}
    bands = sorted(middle, key=middle.__getitem__)
    order = np.argsort(amounts, kind="stable")
    return len(bands) > 1 and all(
        _is_cut(np.isin(codes[order], bands[place:])) for place in range(1, len(bands))
    )


def _is_cut(is_above: np.ndarray) -> bool:
    """Whether rows (bool, N) in the order of a score are below a cut, then above it."""
    above = int(is_above.sum())
    smaller = min(above, len(is_above) - above)
    wrong = np.concatenate([[0], np.cumsum(is_above)]) + np.concatenate(
        [np.cumsum(~is_above[::-1])[::-1], [0]]
    )
    return smaller >= FEWEST_BY_A_CUT and int(wrong.min()) <= WRONG_BY_A_CUT * smaller
