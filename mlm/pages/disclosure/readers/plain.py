"""Reads JSON and CSV: strings and cells are texts, numbers are values."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from mlm.pages.disclosure.readers.said import Said


def read_csv(content: bytes) -> Said:
    """What a CSV file says, cell by cell."""
    texts: list[str] = []
    values: list[float] = []
    for line in csv.reader(io.StringIO(content.decode())):
        for cell in line:
            _sort(cell, texts, values)
    return Said(texts, values, are_cells=True)


def _sort(cell: str, texts: list[str], values: list[float]) -> None:
    try:
        values.append(float(cell))
    except ValueError:
        if cell:
            texts.append(cell.removeprefix("'"))


def read_json(content: bytes) -> Said:
    """What a JSON file says: its strings and numbers."""
    texts: list[str] = []
    values: list[float] = []
    _walk(json.loads(content), texts, values)
    return Said(texts, values)


def _walk(value: Any, texts: list[str], values: list[float]) -> None:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _walk(item, texts, values)
    elif isinstance(value, str):
        texts.append(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        values.append(float(value))
