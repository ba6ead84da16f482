"""Where the example surveys stand, and what they were made from where it is at hand."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "config"
SHARED = ROOT.parent / "shared" / "data"
