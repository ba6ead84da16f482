"""In what the recipes and levels of two samples differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.statistics.evidence.crossproducts import CrossProducts


def difference_of_recipes(a: CrossProducts, b: CrossProducts) -> tuple[str, str] | None:
    """What two samples do not share of columns, origins, units, precisions and levels.

    Returns
    -------
    tuple of str, or None
        What differs, and with what the rows are to be accumulated again; None where nothing does.
    """
    if a.columns.columns != b.columns.columns or a.columns.categories != b.columns.categories:
        mine, its = set(a.columns.names), set(b.columns.names)
        return (
            f"the columns differ (only in the first: {sorted(mine - its)[:3]}, only in "
            f"the second: {sorted(its - mine)[:3]})",
            "the same Columns",
        )
    for key, scale in a.columns.scales.items():
        if b.columns.scales.get(key) != scale:
            return (
                f"{key[0]} has origin and unit {scale} in one sample and "
                f"{b.columns.scales.get(key)} in the other",
                "the same Columns",
            )
    if a.precision != b.precision:
        return (
            f"the precisions are those of {a.precision or 'no column'} in one sample "
            f"and of {b.precision or 'no column'} in the other",
            "the same",
        )
    shape_a = [(level.group, level.candidates) for level in a.all_levels]
    shape_b = [(level.group, level.candidates) for level in b.all_levels]
    if shape_a != shape_b:
        names = [":".join(g) for g, _ in shape_a], [":".join(g) for g, _ in shape_b]
        return (
            f"the levels or their candidates differ ({names[0]} and {names[1]})",
            "the same Hierarchy",
        )
    return None
