"""Grids: files that give each unit of a level its place on a tile map."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from mlm.errors import and_more, quoted

GRID_COLUMNS = ("id", "column", "row")
MOST_TILES = 60
"""Columns or rows of a grid: more would not be seen."""
_TOLD = 3  # first cases of a mistake


@dataclass(frozen=True)
class Tile:
    """A unit's place: columns from the left, rows from the top, both from 1."""

    id: str
    column: int
    row: int


@dataclass(frozen=True)
class Grid:
    """The tiles of a file, and what is wrong with it."""

    tiles: tuple[Tile, ...]
    problems: tuple[str, ...] = ()


def read_grid(path: Path, name: str) -> Grid:
    """The grid in a CSV file.

    Parameters
    ----------
    path : Path
        The file: columns ``id``, ``column`` and ``row``, one line a unit, UTF-8.
    name : str
        The file as the configuration names it, for messages.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except FileNotFoundError:
        return _faulty(f"{quoted(name)} is not there; it is looked for at {path}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return _faulty(f"{quoted(name)} cannot be read as CSV in UTF-8: {error}")
    head = [cell.strip() for cell in lines[0]] if lines else []
    lacking = [column for column in GRID_COLUMNS if column not in head]
    if lacking:
        return _faulty(
            f"{quoted(name)}: no column {', '.join(map(quoted, lacking))} in the first line; "
            "expected id, column, row"
        )
    return _tiles(lines[1:], [head.index(column) for column in GRID_COLUMNS], name)


def _faulty(problem: str) -> Grid:
    return Grid((), (problem,))


def _tiles(lines: list[list[str]], places: list[int], name: str) -> Grid:
    """Tiles of the lines below the head, and the lines that are none."""
    tiles: dict[str, Tile] = {}
    taken: dict[tuple[int, int], str] = {}
    wrong: dict[str, list[str]] = {}
    for number, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        unit, *ends = (cells[i].strip() if i < len(cells) else "" for i in places)
        if not unit or not all(_is_place(end) for end in ends):
            told = f"line {number} ({', '.join(cells)})"
            wrong.setdefault(f"an id and whole numbers from 1 to {MOST_TILES}", []).append(told)
            continue
        tile = Tile(unit, int(ends[0]), int(ends[1]))
        if unit in tiles:
            wrong.setdefault("each id once", []).append(f"line {number} ({unit})")
        elif (tile.column, tile.row) in taken:
            other = taken[tile.column, tile.row]
            told = f"line {number} ({unit}, where {other} is)"
            wrong.setdefault("one unit at a place", []).append(told)
        tiles[unit] = tile
        taken[tile.column, tile.row] = unit
    problems = [_told(name, expected, cases) for expected, cases in wrong.items()]
    if not tiles and not problems:
        problems = [f"{quoted(name)} has no line below its head; expected one for each unit"]
    return Grid(tuple(tiles.values()), tuple(problems))


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_TILES


def _told(name: str, expected: str, cases: list[str]) -> str:
    shown = "; ".join(cases[:_TOLD])
    more = and_more(len(cases) - _TOLD)
    return f"{quoted(name)}: {shown}{more}; expected {expected}"
