"""The hierarchy of the models over all waves: groups, their children, singletons, balance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mlm.rows.configuration.models import Configuration

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
WAVE = "wave"
RESIDUAL = "residual"


def hierarchy_account(
    configuration: Configuration, tables: Mapping[str, pd.DataFrame]
) -> list[dict]:
    """Levels of the models from the top to the rows, with the sizes of their groups.

    Returns
    -------
    list of dict
        level, group (grouping factor), groups; for all but the rows: child, and for children and
        rows the distribution of the sizes: mean, quantiles (``QUANTILES``), one (groups of size
        one), balance (harmonic over arithmetic mean: 1 where all sizes are the same).
    """
    keys = group_keys(configuration, tables)
    n_rows = sum(len(table) for table in tables.values())
    entries = []
    for i, (level, group) in enumerate(configuration.groups):
        if group == RESIDUAL:
            entries.append({"level": level, "group": group, "groups": n_rows})
            continue
        code = keys[group]
        entry = {"level": level, "group": group, "groups": int(code.max()) + 1}
        child, child_group = configuration.groups[i + 1]
        rows = np.bincount(code)
        entry["child"] = child
        if child_group == RESIDUAL:
            entry["children"] = sizes(rows)
        else:
            first = np.unique(keys[child_group], return_index=True)[1]
            entry["children"] = sizes(np.bincount(code[first]))
        entry["rows"] = sizes(rows)
        entries.append(entry)
    return entries


def group_keys(
    configuration: Configuration, tables: Mapping[str, pd.DataFrame]
) -> dict[str, np.ndarray]:
    """Number (N,) of the group that each row of all waves is in, by grouping factor."""
    ids = {
        level: pd.factorize(pd.concat([table[level] for table in tables.values()]))[0]
        for level in configuration.level_names
    }
    ids[WAVE] = np.repeat(np.arange(len(tables)), [len(table) for table in tables.values()])
    keys: dict[str, np.ndarray] = {}
    for _, group in configuration.groups:
        if group == RESIDUAL:
            continue
        code = np.zeros(len(ids[WAVE]), dtype=np.int64)
        for part in group.split(":"):
            code = pd.factorize(code * (int(ids[part].max()) + 1) + ids[part])[0]
        keys[group] = code
    return keys


def sizes(counts: np.ndarray) -> dict:
    """Distribution of some sizes (G,), each at least one."""
    return {
        "mean": float(counts.mean()),
        "quantiles": [float(q) for q in np.quantile(counts, QUANTILES)],
        "one": int((counts == 1).sum()),
        "balance": float(1.0 / (np.mean(1.0 / counts) * counts.mean())),
    }
