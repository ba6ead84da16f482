"""The study of the settled model: replicates of worlds to a file, and its table.

    python -m tests.recovery.settled_study draw small rates.jsonl --replicates 1000
    python -m tests.recovery.settled_study table rates.jsonl --pooled

Drawing goes on where a file ends; several processes may share the worlds (``--part 0/2``).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tests.recovery.promises import Cell, judged, promised
from tests.recovery.settled_answers import answers
from tests.recovery.settled_worlds import worlds

Answers = dict[tuple[str, str], list[dict[str, float]]]  # of replicates, by size and world


def draw(size: str, path: Path, replicates: int, part: tuple[int, int], only: str = "") -> None:
    """Add replicates of all worlds of a size to a file, one of each world in turn."""
    done = {(r["size"], r["world"], r["seed"]) for r in _lines(path)}
    with path.open("a", encoding="utf-8") as out:
        for seed in range(part[0], replicates, part[1]):
            for name, world in worlds(size).items():
                if (size, name, seed) in done or only not in name:
                    continue
                line = {"size": size, "world": name, "seed": seed, "found": answers(world, seed)}
                out.write(json.dumps(line) + "\n")
                out.flush()


def read(paths: Iterable[Path]) -> Answers:
    """What was drawn."""
    found = defaultdict(list)
    for path in paths:
        for line in _lines(path):
            found[line["size"], line["world"]].append(line["found"])
    return dict(found)


def _lines(path: Path) -> list[dict]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def cells(found: Answers) -> list[Cell]:
    """Every quantity of every world, with its band."""
    return _judged({key: (values, promised(*key)) for key, values in _values(found).items()})


def pooled(found: Answers) -> list[Cell]:
    """Every quantity of every design, over the worlds in which the same is promised of it."""
    members: dict[tuple, list] = defaultdict(list)
    for (size, world, quantity), values in _values(found).items():
        design, world = world.split(", ", 1)
        members[size, design, quantity, promised(size, f"{design}, {world}", quantity)] += [
            (world, values)
        ]
    return _judged(
        {
            (size, f"{design}; {'; '.join(world for world, _ in own)}", quantity): (
                [value for _, values in own for value in values],
                right,
            )
            for (size, design, quantity, right), own in members.items()
        }
    )


def _values(found: Answers) -> dict[tuple[str, str, str], list[float]]:
    """Of each quantity of each world, over its replicates."""
    return {
        (size, world, quantity): [item[quantity] for item in items if quantity in item]
        for (size, world), items in found.items()
        for quantity in dict.fromkeys(name for item in items for name in item)
    }


def _judged(found: dict[tuple[str, str, str], tuple[list[float], tuple[float, float]]]):
    return [judged(where, *each, looked_at=len(found)) for where, each in found.items()]


def table(found: list[Cell]) -> str:
    """A table in Markdown; rates outside their bands stand in bold letters."""
    lines = ["| survey | worlds | quantity | rate | band | surveys |", "|---|---|---|--:|---|--:|"]
    order = list(dict.fromkeys(cell.quantity for cell in found))
    for cell in sorted(found, key=lambda c: (c.size != "small", order.index(c.quantity))):
        rate = f"{cell.rate:.3f}" if cell.is_inside else f"**{cell.rate:.3f}**"
        told = "" if cell.told == cell.replicates else f" of {cell.replicates}"
        row = (cell.size, cell.world, cell.quantity, rate, f"{cell.low:.3f} to {cell.high:.3f}")
        if cell.told > 1:
            lines.append(f"| {' | '.join(row)} | {cell.told}{told} |")
    return "\n".join(lines)


def main() -> None:
    """Draw, or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("size", choices=["small", "large"])
    drawing.add_argument("path", type=Path)
    drawing.add_argument("--replicates", type=int, default=1000)
    drawing.add_argument("--part", default="0/1")
    drawing.add_argument("--only", default="")
    writing = commands.add_parser("table")
    writing.add_argument("paths", type=Path, nargs="+")
    writing.add_argument("--pooled", action="store_true")
    given = parser.parse_args()
    if given.command == "table":
        print(table((pooled if given.pooled else cells)(read(given.paths))))
    else:
        first, step = (int(n) for n in given.part.split("/"))
        draw(given.size, given.path, given.replicates, (first, step), given.only)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
