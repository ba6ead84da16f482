"""The hierarchy of the models over all waves: groups, their children, singletons, balance."""

from __future__ import annotations

import itertools

import numpy as np

from mlm.configuration.models import Configuration
from mlm.rows.linking.survey_rows import SurveyRows

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def hierarchy_account(configuration: Configuration, rows: SurveyRows) -> list[dict]:
    """Levels of the models from the top to the rows, with the sizes of their groups.

    Returns
    -------
    list of dict
        level, group (grouping factor), groups; for all but the rows: child, and for children and
        rows the distribution of the sizes: mean, quantiles (``QUANTILES``), one (groups of size
        one), balance (harmonic over arithmetic mean: 1 where all sizes are the same).
    """
    entries = []
    for level, child in itertools.pairwise(configuration.model_levels):
        code = rows.unit(level.group)
        n_rows = np.bincount(code)
        entry = {"level": level.place, "group": level.key, "groups": len(n_rows)}
        entry["child"] = child.place
        if child.is_residual:
            entry["children"] = sizes(n_rows)
        else:
            path = (*level.group, child.group[-1])
            entry["children"] = sizes(children_of(code, rows.unit(path)))
        entry["rows"] = sizes(n_rows)
        entries.append(entry)
    last = configuration.model_levels[-1]
    return [*entries, {"level": last.place, "group": last.key, "groups": len(rows)}]


def children_of(unit: np.ndarray, child: np.ndarray) -> np.ndarray:
    """Number of children (G,) of each unit, from the unit and the child of each row (N,)."""
    parent = np.zeros(int(child.max()) + 1, dtype=unit.dtype)
    parent[child] = unit
    return np.bincount(parent, minlength=int(unit.max()) + 1)


def sizes(counts: np.ndarray) -> dict:
    """Distribution of some sizes (G,), each at least one."""
    return {
        "mean": float(counts.mean()),
        "quantiles": [float(q) for q in np.quantile(counts, QUANTILES)],
        "one": int((counts == 1).sum()),
        "balance": float(1.0 / (np.mean(1.0 / counts) * counts.mean())),
    }
