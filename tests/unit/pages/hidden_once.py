"""What is hidden in reports of the sample is sought once: they differ little in their counts."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

from mlm.pages.disclosure import hiding
from mlm.pages.disclosure.suppression.suppress import suppress


@pytest.fixture(scope="session", autouse=True)
def counts_hidden_once() -> Iterator[None]:
    """What is hidden follows from its counts alone, and is remembered by them."""
    known: dict[str, dict[str, str]] = {}

    def remembered(knowledge):
        key = repr(knowledge)
        if key not in known:
            known[key] = suppress(knowledge)
        return dict(known[key])

    with patch.object(hiding, "suppress", remembered):
        yield


@pytest.fixture(scope="session", autouse=True)
def tables_sought_once() -> Iterator[None]:
    """The solution of an integer program follows from its numbers alone, and is remembered."""
    known: dict[tuple, scipy.optimize.OptimizeResult] = {}
    solve = scipy.optimize.milp

    def remembered(c, *, integrality, bounds, constraints, options):
        lines = constraints if isinstance(constraints, list) else [constraints]
        numbers = [c, integrality, bounds.lb, bounds.ub]
        for line in lines:
            matrix = scipy.sparse.csr_array(line.A)
            numbers += [matrix.data, matrix.indices, matrix.indptr, line.lb, line.ub]
        key = (str(options), *(np.asarray(part, dtype=float).tobytes() for part in numbers))
        if key not in known:
            given = {"integrality": integrality, "bounds": bounds, "options": options}
            known[key] = solve(c, constraints=constraints, **given)
        return known[key]

    with patch.object(scipy.optimize, "milp", remembered):
        yield
