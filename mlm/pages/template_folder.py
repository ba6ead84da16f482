"""Where the templates, styles, fonts and texts of the reports are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def template_folder() -> Path:
    """The folder ``reports``: inside the package where it is installed, beside it in a checkout."""
    inside = _PACKAGE / "reports"
    return inside if inside.is_dir() else _PACKAGE.parent / "reports"
