"""Unit tests stand where the modules stand that they test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.imports import ROOT

UNIT = ROOT / "tests" / "unit"
DOCUMENT = UNIT / "pages"  # beside tests of its modules, what must hold of a whole report
FILES = sorted(path.relative_to(UNIT) for path in UNIT.rglob("test_*.py"))


def names_of(place: Path) -> set[str]:
    """What a test in a folder may be named after: its modules and rooms, and the room itself."""
    inside = {path.stem.strip("_") for path in (ROOT / "mlm" / place).glob("*") if _is_code(path)}
    return inside | {place.name}


def _is_code(path: Path) -> bool:
    return path.suffix == ".py" or (path / "__init__.py").is_file()


@pytest.mark.parametrize("path", [p for p in FILES if UNIT / p.parent != DOCUMENT], ids=str)
def test_a_unit_test_is_named_after_a_module(path):
    """``test_<module>.py``, or ``test_<module>_<case>.py`` for a case of its own."""
    stem = path.stem.removeprefix("test_")
    assert any(stem == name or stem.startswith(f"{name}_") for name in names_of(path.parent))
