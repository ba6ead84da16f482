"""Plausible values that are no draws of one score: copies, means of draws, those of another score.

Given the test the draws of a score are alike: each has the same mean and standard deviation, and
the same correlation with each other one. Over many rows chance moves these by little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

FEWEST_ROWS = 30
"""Rows below which chance parts draws too much to judge them."""

APART, BY_CHANCE = 0.15, 3.0
"""Difference of Fisher's z of correlations, and what is added to it over the root of the rows."""

OTHER_SCALE = 0.1
"""Difference of means, in standard deviations, or of logarithms of standard deviations; the same is
added."""


def draw_problems(title: str, nests: int, values: Mapping[str, np.ndarray]) -> Iterator[str]:
    """What of some plausible values are no draws of one score.

    Parameters
    ----------
    title : str
        The score.
    nests : int
        In how many nests they were drawn, whose draws are nearer to each other; 1: not nested.
    values : mapping of str to ndarray (n,)
        Draws by column, nest by nest, NaN where missing.
    """
    copies = _copies(values)
    if copies:
        groups = "; ".join(", ".join(group) for group in copies)
        count = sum(map(len, copies))
        yield (
            f"{title}: {count} plausible values are the same in every row as others ({groups}); "
            "each draw is a column of its own: check the files, or how the columns were made"
        )
        return
    names, size = list(values), max(1, len(values) // nests)
    for nest in (names[i : i + size] for i in range(0, len(names), size)):
        yield from _not_alike(title, nest, np.column_stack([values[name] for name in nest]))


def _copies(values: Mapping[str, np.ndarray]) -> list[list[str]]:
    """Groups of columns that are equal."""
    groups: dict[bytes, list[str]] = {}
    for name, found in values.items():
        groups.setdefault(np.where(np.isnan(found), np.nan, found).tobytes(), []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def _not_alike(title: str, names: Sequence[str], values: np.ndarray) -> Iterator[str]:
    """Draws (n, M) that stand out, the farthest first, judged without those told before."""
    rows = values[~np.isnan(values).any(axis=1)]
    spread = rows.std(axis=0) if len(rows) else np.zeros(len(names))
    if len(rows) < FEWEST_ROWS or not spread.all():
        return
    mean, chance = rows.mean(axis=0), BY_CHANCE / np.sqrt(len(rows))
    related = np.corrcoef(rows, rowvar=False)
    left = list(range(len(names)))
    while len(left) > 1:
        apart = [_scale(i, left, mean, spread) for i in left]
        i = left[int(np.argmax(apart))]
        if max(apart) <= OTHER_SCALE + chance:
            break
        left.remove(i)
        yield (
            f"{title}: the plausible value {names[i]} has the mean {mean[i]:.4g} (SD "
            f"{spread[i]:.3g}), the others {mean[left].mean():.4g} ({spread[left].mean():.3g}): "
            "draws of one score have one scale. Check its column, or its missing codes"
        )
    while len(left) > 2:
        z = [_closeness(i, left, related) for i in left]
        i = left[int(np.argmax(np.abs([own - others for own, others in z])))]
        own, others = z[left.index(i)]
        if abs(own - others) <= APART + chance:
            break
        left.remove(i)
        yield _stands_out(title, names[i], np.tanh(own), np.tanh(others), own > others)


def _scale(i: int, left: Sequence[int], mean: np.ndarray, spread: np.ndarray) -> float:
    """How far a draw is from the scale of the others."""
    others = [j for j in left if j != i]
    usual = np.median(spread[others])
    off = abs(mean[i] - np.median(mean[others])) / usual
    return max(off, abs(np.log(spread[i] / usual)))


def _closeness(i: int, left: Sequence[int], related: np.ndarray) -> tuple[float, float]:
    """Mean of Fisher's z of a draw with the others, and of the others with each other."""
    others = [j for j in left if j != i]
    z = np.arctanh(np.clip(related, -1.0 + 1e-12, 1.0 - 1e-12))
    pairs = z[np.ix_(others, others)][np.triu_indices(len(others), 1)]
    return float(z[i, others].mean()), float(pairs.mean())


def _stands_out(title: str, name: str, own: float, others: float, is_closer: bool) -> str:
    told = f"{title}: the plausible value {name} correlates {own:.2f} with the others, they "
    told += f"{others:.2f} with each other: "
    if is_closer:
        return told + "it seems to be a mean of draws, and no draw. Name the draws alone"
    return told + "it seems to be of another score. Check its column"
