"""Agreement of printed numbers: one number has one text wherever a document prints it.

The decimals of an estimate come from its error. Numbers that are read together (a column of
differences, the title of a chart, the findings of a page) share the fewest decimals among them, but
none loses more than one of its own: a column does not mix 10.8 and 10.84. What is coarser in one
place is so in all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlm.pages.derived import trace
from mlm.pages.rounding import render, rounded

STYLES = ("number", "signed")  # of estimates, whose decimals come from an error
LOST = 1  # decimals that a number may lose to those beside it
TO = ("to", "à")  # between the ends of a range, by language
BETWEEN = {"between": "and", "entre": "et"}

Printed = dict[str, Any]


def agree(document: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    """Print each number of a document with the same decimals everywhere, in place.

    Parameters
    ----------
    document : mapping
        Before anything is hidden. Its tables name in ``alike`` which columns are read together;
        the key is taken away.
    inputs : mapping
        JSON of the inputs by name, from which numbers are rounded anew.
    """
    numbers: list[Printed] = []
    _find_numbers(document, numbers)
    printed = [(_key(run["source"]), run) for run in numbers if run["style"] in STYLES]
    own: dict[str, int] = {}
    for key, run in printed:
        own[key] = min(run["decimals"], own.get(key, run["decimals"]))
    groups = [*_columns(document), _findings(document["findings"])]
    _find_ranges(document, groups)
    groups += _titles(document)
    shared = _shared(own, [{_key(run["source"]) for run in group} for group in groups])
    for key, run in printed:
        decimals = shared[key]
        if decimals != run["decimals"]:
            _print(run, trace(run["source"], inputs), decimals)


def _shared(own: Mapping[str, int], groups: list[set[str]]) -> dict[str, int]:
    """Decimals of each number: the fewest of its groups, which share those of their numbers."""
    shared, changed = dict(own), True
    while changed:
        changed = False
        for keys in groups:
            fewest = min((shared[key] for key in keys), default=0)
            for key in keys:
                decimals = min(shared[key], max(fewest, own[key] - LOST))
                changed |= decimals != shared[key]
                shared[key] = decimals
    return shared


def _print(run: Printed, exact: float | None, decimals: int) -> None:
    if exact is None:
        return
    run["decimals"] = decimals
    run["value"] = rounded(exact, decimals, run["style"])
    run["text"] = render(exact, decimals, run["style"])


def _key(source: Any) -> str:
    """A source without its sign."""
    while isinstance(source, dict) and source["op"] == "negative":
        (source,) = source["of"]
    return source if isinstance(source, str) else json.dumps(source)


def _find_numbers(value: Any, found: list[Printed]) -> None:
    """Add every number that a document prints, in reading order."""
    is_mapping = isinstance(value, dict)
    if is_mapping and "style" in value and "source" in value:
        found.append(value)
        return
    for item in value.values() if is_mapping else value:
        if isinstance(item, (dict, list)):
            _find_numbers(item, found)


def _columns(document: Mapping[str, Any]) -> Iterator[list[Printed]]:
    """Numbers of the columns that are read together, table by table."""
    from mlm.pages.document import tables_of

    for table in tables_of(document):
        for places in table.pop("alike", ()):
            cells = [
                row["cells"][place]
                for row in table["rows"]
                for place in places
                if place < len(row["cells"])
            ]
            yield [cell for cell in cells if cell.get("style") in STYLES and "source" in cell]


def _titles(value: Any) -> Iterator[list[Printed]]:
    """Estimates in the title of a chart, such as those of the first and the last wave."""
    if isinstance(value, dict) and value.get("type") == "figure":
        title = value.get("title")
        if isinstance(title, list):
            yield [run for run in title if run.get("style") in STYLES and "source" in run]
        return
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (dict, list)):
            yield from _titles(item)


def _find_ranges(value: Any, found: list[list[Printed]]) -> None:
    """Add the ends of ranges in sentences: ``3.7 to 12.1``, ``between 1.29 and 2.50``."""
    is_list = isinstance(value, list)
    if is_list:
        for place in range(len(value) - 2):
            first = value[place]
            is_estimate = isinstance(first, dict) and first.get("style") in STYLES
            if is_estimate and _is_range(value, place):
                found.append([first, value[place + 2]])
    for item in value if is_list else value.values():
        if isinstance(item, (dict, list)):
            _find_ranges(item, found)


def _is_range(runs: list[Any], place: int) -> bool:
    """Whether an estimate, the words around it and what follows are a range."""
    first, word, second = runs[place : place + 3]
    if not all(isinstance(part, dict) and "text" in part for part in (first, word, second)):
        return False
    if second.get("style") not in STYLES or "source" in word:
        return False
    before = runs[place - 1]["text"].split() if place else []
    joint = word["text"].strip()
    return joint in TO or (bool(before) and BETWEEN.get(before[-1]) == joint)


def _findings(found: Mapping[str, Any]) -> list[Printed]:
    """Estimates of the findings in the unit of the outcome."""
    numbers: list[Printed] = []
    for finding in _every(found):
        if finding["lower"] is None or not finding["unit"]:
            continue  # a number without an error
        size = finding["size"] and finding["size"]["source"]
        ends = [finding[name] for name in ("estimate", "lower", "upper") if finding[name]]
        numbers += [
            run
            for run in (*ends, *finding["runs"])
            if run.get("style") in STYLES and run["source"] != size and not _is_quotient(run)
        ]
    return numbers


def _every(found: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (each for key in ("items", "further", "untold", "remarks") for each in found[key])


def _is_quotient(run: Printed) -> bool:
    return isinstance(run["source"], dict) and run["source"]["op"] == "quotient"
