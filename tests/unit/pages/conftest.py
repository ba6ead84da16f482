"""Counts of a survey are hidden once: reports of the sample differ in words more than in counts."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from mlm.pages.disclosure import counting
from mlm.pages.disclosure.suppression import suppress


@pytest.fixture(scope="session", autouse=True)
def counts_hidden_once() -> Iterator[None]:
    """What is hidden follows from its counts alone, and is remembered by them."""
    known: dict[tuple, dict[str, str]] = {}

    def remembered(values, shown, small, relations, dear, given, reasons):
        rows = tuple(tuple(relation.items()) for relation in relations)
        sets = (frozenset(each) for each in (shown, dear, given))
        key = (tuple(values.items()), *sets, tuple(small), rows, tuple(reasons.items()))
        if key not in known:
            known[key] = suppress(values, shown, small, relations, dear, given, reasons)
        return dict(known[key])

    with patch.object(counting, "suppress", remembered):
        yield
