"""Counts of a survey are hidden once: reports of the sample differ in words more than in counts."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from mlm.pages.disclosure import hiding
from mlm.pages.disclosure.suppression import suppress


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
