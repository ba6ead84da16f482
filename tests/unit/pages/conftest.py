"""What tests of pages share: files of the sample, and what is hidden in its reports."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from tests.unit.pages.hidden_once import counts_hidden_once, tables_sought_once
from tests.unit.pages.sample import files_of, inputs

__all__ = ["counts_hidden_once", "tables_sought_once"]


@pytest.fixture(scope="session")
def sample_files() -> Mapping[str, bytes]:
    """All files of the report of the sample, to be read only."""
    return MappingProxyType(files_of(inputs()))


@pytest.fixture(scope="session")
def published_files() -> Mapping[str, bytes]:
    """The same of a sample that says who publishes it."""
    given = inputs()
    given["configuration"]["publication"] = {
        "publisher": "Office of Statistics",
        "contact": "a@example.org",
        "licence": "CC BY 4.0",
        "doi": "10.1234/abc",
        "date": "2026-11-28",
        "next": "autumn 2027",
    }
    return MappingProxyType(files_of(given))
