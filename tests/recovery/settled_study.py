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
    """A table of each size and design in Markdown: rates with their bands, one column a world."""
    designs = list(dict.fromkeys((cell.size, cell.world.split(", ")[0]) for cell in found))
    return "\n\n".join(_of_design(found, *each) for each in sorted(designs, reverse=True))


def _of_design(found: list[Cell], size: str, design: str) -> str:
    own = [c for c in found if c.size == size and c.world.split(", ")[0] == design]
    names, rows = (list(dict.fromkeys(getattr(c, n) for c in own)) for n in ("world", "quantity"))
    known = {(cell.quantity, cell.world): cell for cell in own}
    heads = [_head(w, max(c.replicates for c in own if c.world == w)) for w in names]
    world = worlds(size)[names[0]]
    sizes = f"{world.counties} counties, {world.schools} schools in each, {world.pupils} pupils"
    lines = [f"**{design}, {size}** ({sizes})", ""]
    lines.append(" | ".join(["| quantity", *heads]) + " |")
    lines.append("|---" + "|---" * len(names) + "|")
    for quantity in sorted(rows):
        cells_ = [known.get((quantity, name)) for name in names]
        lines.append(" | ".join([f"| {quantity}", *map(_told, cells_)]) + " |")
    return "\n".join(lines)


def _head(world: str, replicates: int) -> str:
    return f"r = {', '.join(world.split(', ')[1:])}; {replicates} surveys"


def _told(cell: Cell | None) -> str:
    if cell is None or not cell.told:
        return ""
    rate = f"{cell.rate:.3f}" if cell.is_inside else f"**{cell.rate:.3f}**"
    told = "" if cell.told == cell.replicates else f", told in {cell.told}"
    return f"{rate} ({cell.low:.3f} to {cell.high:.3f}{told})"


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
