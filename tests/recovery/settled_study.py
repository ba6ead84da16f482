"""The study of the settled model: replicates of worlds to a file, and its table.

    python -m tests.recovery.settled_study draw small rates.jsonl --replicates 1000
    python -m tests.recovery.settled_study table rates.jsonl

Drawing goes on where a file ends; several processes may share the worlds (``--part 0/2``).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tests.recovery.promises import Cell, judged
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
    named = [
        (size, world, quantity, [item[quantity] for item in items if quantity in item])
        for (size, world), items in found.items()
        for quantity in dict.fromkeys(name for item in items for name in item)
    ]
    return [judged(*each, looked_at=len(named)) for each in named]


def table(found: list[Cell]) -> str:
    """The cells as a table in Markdown; those outside their bands are marked."""
    lines = [
        "| survey | world | quantity | rate | replicates | band | |",
        "|---|---|---|--:|--:|---|---|",
    ]
    for cell in found:
        band = f"{cell.low:.3f} to {cell.high:.3f}"
        mark = "" if cell.is_inside else "outside"
        lines.append(
            f"| {cell.size} | {cell.world} | {cell.quantity} | {cell.rate:.3f} | {cell.told} "
            f"| {band} | {mark} |"
        )
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
    commands.add_parser("table").add_argument("paths", type=Path, nargs="+")
    given = parser.parse_args()
    if given.command == "table":
        print(table(cells(read(given.paths))))
    else:
        first, step = (int(n) for n in given.part.split("/"))
        draw(given.size, given.path, given.replicates, (first, step), given.only)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
