"""Numbers of two folders of results that differ, by their places: for changes that move none.

    python benchmarks/compare_results.py OLD NEW [--relative 1e-9]

Compares every results.json, residuals.json, survey.json and fits/*.fit.json that both folders hold.
Numbers of the classes below may differ for a stated cause and are listed apart; all others make
the exit status 1. A file that one of the folders lacks is named.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from mlm.results.sampled.loading import load_results

PATTERNS = ("results.json", "residuals.json", "survey.json", "fits/*.fit.json")
MISSING = object()

# cause -> places where it may show, as regular expressions over JSON pointers
MAY_DIFFER = {
    "drawn (within the Monte Carlo error)": (
        r"/(mean_rank|rank_lower|rank_upper|probability_top|probability_bottom)$",
        r"/expected_rank_correlation$",
        r"^/reduction/bound/(critical|factor|p_value|reference/factor)$",
        r"^/inclusion/.*(kept|same_model|models)$",
    ),
    "adequate models under a bound that is drawn": (r"^/reduction/adequate",),
    "exact mixture where several variances are tested": (
        r"^/slopes/\d+/test/(p_value|reference)",
        r"^/null/tests/\d+/test/(p_value|reference)",
        r"/levels/\d+/test/(p_value|reference)",
    ),
    "evaluations of a search": (r"^/certificate/", r"max_scaled_gradient$", r"^/gradient/"),
}


def leaves(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Places and values of all that is neither an object nor a list."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{place}/{key}")
    elif isinstance(value, list):
        yield f"{place}#", len(value)
        for i, item in enumerate(value):
            yield from leaves(item, f"{place}/{i}")
    else:
        yield place, value


def differs(old: object, new: object, relative: float) -> bool:
    """Whether two values differ, numbers beyond a relative tolerance; none is as good as null."""
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (old, new))
    if numbers:
        return not math.isclose(old, new, rel_tol=relative)
    return (None if old is MISSING else old) != (None if new is MISSING else new)


def cause(place: str) -> str | None:
    """Why a number may differ; None where nothing is known."""
    for name, patterns in MAY_DIFFER.items():
        if any(re.search(pattern, place) for pattern in patterns):
            return name
    return None


def contents(path: Path) -> object:
    """Plain data of a file, of results with the units in the tables beside."""
    if path.name != "results.json":
        return json.loads(path.read_text("utf-8"))
    return load_results(path).model_dump(mode="json", by_alias=True)


def compared(old: Path, new: Path, relative: float) -> Iterator[tuple[str, object, object]]:
    """Places of two files that differ, with both values."""
    first, second = (dict(leaves(contents(path))) for path in (old, new))
    for place in dict.fromkeys((*first, *second)):
        values = first.get(place, MISSING), second.get(place, MISSING)
        if differs(*values, relative):
            yield place, *values


def shown(value: object) -> str:
    """A value, or that there is none."""
    return "missing" if value is MISSING else json.dumps(value)


def main() -> int:
    """Print what differs; 1 where a number moved without a known cause."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--relative", type=float, default=1e-9)
    given = parser.parse_args()
    names = {
        path.relative_to(folder)
        for folder in (given.old, given.new)
        for pattern in PATTERNS
        for path in folder.rglob(pattern)
    }
    unknown = 0
    for name in sorted(names):
        paths = given.old / name, given.new / name
        absent = [str(path) for path in paths if not path.is_file()]
        if absent:
            print(f"{name}: not in {absent[0]}")
            continue
        found: dict[str | None, list[str]] = defaultdict(list)
        for place, old, new in compared(*paths, given.relative):
            found[cause(place)].append(f"    {place}: {shown(old)} -> {shown(new)}")
        unknown += len(found.get(None, ()))
        print(f"{name}: {sum(map(len, found.values()))} differ")
        for why, lines in found.items():
            print(f"  {why or 'WITHOUT A KNOWN CAUSE'} ({len(lines)})", *lines, sep="\n")
    return int(unknown > 0)


if __name__ == "__main__":
    sys.exit(main())
