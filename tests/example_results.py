"""Results of the example surveys, where they were made by the code at hand: `make demo`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from code_hash import Package

ROOT = Path(__file__).parents[1]


RECORDS = {"analyse": "results", "link": "survey", "residuals": "residuals", "report": "publish"}


def made_now(pattern: str, stage: str) -> list[Path]:
    """Files below ``results/`` that a stage wrote; without those that older code left there."""
    return [path for path in sorted((ROOT / "results").glob(pattern)) if _is_now(path, stage)]


def _is_now(path: Path, stage: str) -> bool:
    folder = path.parent.parent if path.parent.name == "publish" else path.parent
    record = folder / f"{RECORDS[stage]}.made.json"
    if not record.is_file():
        return False
    return f"code {_hash_of(stage)}," in json.loads(record.read_text("utf-8"))["made_by"]


@cache
def _hash_of(stage: str) -> str:
    return Package(ROOT / "mlm").hash_of(f"mlm.commands.{stage}")
