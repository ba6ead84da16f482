"""The hierarchy of the models over all waves: groups, their children, singletons, balance."""

from __future__ import annotations

import itertools

import numpy as np

from mlm.configuration.models import Configuration
from mlm.results.level import Level
from mlm.results.survey.survey import HierarchyLevel, SizeDistribution
from mlm.rows.linking.survey_rows import SurveyRows

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def levels_of(configuration: Configuration) -> tuple[Level, ...]:
    """Levels of the models from the top to the rows."""
    return tuple(
        Level(unit=level.unit, in_wave=level.in_wave, ids=level.group)
        for level in configuration.model_levels
    )


def hierarchy_account(configuration: Configuration, rows: SurveyRows) -> tuple[HierarchyLevel, ...]:
    """Levels of the models from the top to the rows, with the sizes of their groups."""
    levels = levels_of(configuration)
    entries = []
    for level, child in itertools.pairwise(levels):
        code = rows.unit(level.ids)
        n_rows = np.bincount(code, rows.rows).astype(np.int64)
        children = children_of(code, rows.unit(path_inside(level, child))) if child.ids else n_rows
        entries.append(
            HierarchyLevel(
                level=level,
                groups=len(n_rows),
                child=child if child.ids else None,
                children=sizes(children),
                rows=sizes(n_rows),
            )
        )
    lowest = HierarchyLevel(
        level=levels[-1], groups=len(rows), child=None, children=None, rows=None
    )
    return (*entries, lowest)


def path_inside(level: Level, child: Level) -> tuple[str, ...]:
    """Ids of the units of a level inside those of another one, in which a unit may be several."""
    is_inside = child.ids[: len(level.ids)] == level.ids
    return child.ids if is_inside else (*level.ids, *child.ids[-1:])


def children_of(unit: np.ndarray, child: np.ndarray) -> np.ndarray:
    """Number of children (G,) of each unit, from the unit and the child of each entry (R,)."""
    parent = np.zeros(int(child.max()) + 1, dtype=unit.dtype)
    parent[child] = unit
    return np.bincount(parent, minlength=int(unit.max()) + 1)


def sizes(counts: np.ndarray) -> SizeDistribution:
    """Distribution of some sizes (G,), each at least one."""
    return SizeDistribution(
        mean=float(counts.mean()),
        quantiles=tuple(float(q) for q in np.quantile(counts, QUANTILES)),
        one=int((counts == 1).sum()),
        balance=float(1.0 / (np.mean(1.0 / counts) * counts.mean())),
    )
