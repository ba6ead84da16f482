"""The ledger of a wave: what was read, kept, excluded and found missing, to the row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.rows.codebook import CleanColumn
from mlm.rows.configuration.models import Configuration


def build_ledger(
    configuration: Configuration,
    wave: str,
    *,
    files: Sequence[dict],
    excluded: Sequence[dict],
    kept: np.ndarray,
    columns: dict[str, CleanColumn],
    groups: dict[str, int],
) -> dict:
    """Ledger of a cleaned wave: plain numbers and text, ready for JSON.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    wave : str
        Name of the wave.
    files : sequence of dict
        file, sha256 and rows_read of each file.
    excluded : sequence of dict
        reason, rows and first lines of each kind of exclusion; a row is in one of them only.
    kept : ndarray of bool, shape (N,)
        Rows that were kept, in the order of the files.
    columns : dict
        Clean column of each variable, N rows.
    groups : dict
        Units of each level among the kept rows.

    Returns
    -------
    dict
        wave, files, rows_read, rows_kept, excluded, missing, recoded, groups, variables.
        ``rows_read`` is ``rows_kept`` plus the rows of ``excluded``, exactly.
    """
    rows = pa.array(kept)
    missing = [
        {"variable": name, "reason": reason, "cells": int((cells & kept).sum())}
        for name, column in columns.items()
        for reason, cells in column.missing.items()
    ]
    recoded = [
        {"variable": name, "category": category, "cells": int((cells & kept).sum())}
        for name, column in columns.items()
        for category, cells in column.recoded.items()
    ]
    return {
        "wave": wave,
        "files": list(files),
        "rows_read": len(kept),
        "rows_kept": int(kept.sum()),
        "excluded": list(excluded),
        "missing": [entry for entry in missing if entry["cells"]],
        "recoded": [entry for entry in recoded if entry["cells"]],
        "groups": groups,
        "variables": {
            name: _summary(configuration, name, column.values.filter(rows))
            for name, column in columns.items()
        },
    }


def _summary(configuration: Configuration, name: str, values: pa.Array) -> dict:
    """Count and mean and sd of a number, or the counts of all its categories."""
    n = len(values) - values.null_count
    variable = configuration.variables[name]
    if variable.is_category:
        found = {item["values"]: item["counts"] for item in values.value_counts().to_pylist()}
        return {"n": n, "counts": {code: found.get(code, 0) for code in variable.categories}}
    sd = pc.stddev(values, ddof=1).as_py() if n > 1 else None
    return {"n": n, "mean": pc.mean(values).as_py() if n else None, "sd": sd}
