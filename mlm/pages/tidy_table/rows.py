"""One long table of what a report says: a row a statistic, the same columns in every report.

The rows are made of the numbers that the tables and findings of a document show, after it is
protected: nothing is written that the report does not show, and each number as it is published.
Names are those of the configuration, in no language, so that tables of several reports go together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlm.pages.context import Context
from mlm.pages.rounding import CONFIDENTIAL
from mlm.pages.tidy_table.statistic import OUTCOME, OUTCOME_SQUARED, SD, SHARE, Statistic
from mlm.pages.tidy_table.statistics import parts_of, statistics_at
from mlm.results.coefficient import Factor
from mlm.results.level import Level
from mlm.results.reading import steps_of
from mlm.results.record import Record

PARTS = ("se_sampling", "se_measurement", "se_link", "fmi")  # of errors of samples
NUMBERS = ("estimate", "se", "lower", "upper", "df", *PARTS, "n")
NAMES = ("survey", "analysis", "outcome", "wave", "group", "category", "statistic")
COLUMNS = (*NAMES, *NUMBERS, "flag", "unit", "finding")
CONSTANT = "constant"
NAMING = (
    "wave",
    "waves",
    "other",
    "term",
    "variable",
    "column",
    "category",
    "level",
    "name",
    "unit",
    "check",
    "model",
)
SIDES = ("mean-0.5sd", "mean+0.5sd")  # the two groups of a variable that is a number
Row = dict[str, Any]


def sources_of(tables: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Where the numbers of tables were read, by the ids of their cells, before any is hidden."""
    return {
        cell["id"]: cell["source"]
        for table in tables
        for row in table["rows"]
        for cell in row["cells"]
        if isinstance(cell.get("source"), str)
    }


def tidy_rows(
    context: Context,
    document: Mapping[str, Any],
    tables: Iterable[Mapping[str, Any]],
    sources: Mapping[str, str],
) -> list[Row]:
    """The rows of a report: those of the findings, then those of the tables in reading order.

    Parameters
    ----------
    document : mapping
        The protected document.
    tables : iterable of mapping
        Its tables.
    sources : mapping
        Made by `sources_of` before anything was hidden.

    Returns
    -------
    list of dict
        Keys are ``COLUMNS``. A number that is hidden is None, and ``flag`` is ``[c]``.
    """
    shown = _shown(tables, sources)
    made = [
        _names(context, kind, place, steps) | _numbers(kind, place, steps, shown)
        for source in shown
        for kind, place, steps in statistics_at(source)
        if not _is_of_itself(steps)
    ]
    own = {
        "survey": context.results.survey.value,
        "analysis": context.analysis,
        "outcome": context.results.outcome.value,
    }
    units = {OUTCOME: context.labels.unit, OUTCOME_SQUARED: f"({context.labels.unit})^2"}
    rows = [*_finding_rows(document["findings"]), *made]
    return [
        dict.fromkeys(COLUMNS, "") | own | row | {"unit": units.get(row["unit"], row["unit"])}
        for row in rows
        if row["flag"] or row["estimate"] is not None
    ]


def _shown(
    tables: Iterable[Mapping[str, Any]], sources: Mapping[str, str]
) -> dict[str, Mapping[str, Any]]:
    """The first cell that shows the number of each source; a hidden one counts before others."""
    found: dict[str, Mapping[str, Any]] = {}
    for table in tables:
        for row in table["rows"]:
            for cell in row["cells"]:
                source = sources.get(cell["id"])
                if source is not None and (source not in found or "hidden" in cell):
                    found[source] = cell
    return found


def _numbers(
    kind: Statistic, place: str, steps: str, shown: Mapping[str, Mapping[str, Any]]
) -> Row:
    """The numbers of a row that tables show, and whether one of them is hidden."""
    fields = {name: parts_of(field)[0] for name, field in kind.fields.items()}
    cells = {name: shown.get(f"{place}/{field}{steps}") for name, field in fields.items()}
    numbers = {name: cell.get("value") for name, cell in cells.items() if cell is not None}
    is_hidden = any("hidden" in cell for cell in cells.values() if cell is not None)
    return dict.fromkeys(NUMBERS) | numbers | {"flag": CONFIDENTIAL if is_hidden else ""}


def _is_of_itself(steps: str) -> bool:
    """Whether a number is a wave's correlation with itself."""
    return bool(steps) and len(set(steps.split("/")[1:])) == 1


def _names(context: Context, kind: Statistic, place: str, steps: str) -> Row:
    """Wave, group and category of a row, from the record and those that hold it."""
    found: dict[str, Any] = {}
    for record in _records_on_the_way(context, place):
        names = [name for name in NAMING if name in type(record).model_fields]
        named = {name: getattr(record, name) for name in names}
        found |= {name: value for name, value in named.items() if value is not None}
    waves = [found[key] for key in ("wave", "other") if key in found]
    waves += [found["waves"][place] for place in sorted(map(int, steps.split("/")[1:]))]
    group, category = _group(found)
    side = re.search(r"/over_time/by/\d+/\w+/(\d+)/", place)
    if side is not None and not category:
        category = SIDES[int(side[1])]
    if kind.is_between_waves:
        group = group or context.time
    is_full = found.get("model") == "full"
    return {
        "wave": ":".join(waves),
        "group": group,
        "category": category,
        "statistic": f"{kind.statistic}_full" if is_full else kind.statistic,
        "unit": kind.unit,
    }


def _records_on_the_way(context: Context, place: str) -> Iterator[Record]:
    name, steps = steps_of(place)
    at = next(view for view in (context.results, context.survey) if view.source == f"{name}#")
    for step in steps:
        at = at.step(step)
        if isinstance(at.value, Record):
            yield at.value


def _group(found: Mapping[str, Any]) -> tuple[str, str]:
    """What a row is of: a term, a variable at a level with its category, a level with its unit."""
    factors = found.get("term")
    if isinstance(factors, tuple):
        categories = [factor.category or "" for factor in factors]
        variables = ":".join(map(_variable, factors)) or CONSTANT
        return variables, ":".join(categories) if any(categories) else ""
    column = found.get("column")
    category = found.get("category") or (column.category if column else None) or ""
    level = _level(found.get("level", found.get("name", "")))
    if "variable" in found:
        name = _variable(column) if column else found["variable"]
        return name + (f"@{level}" if level else ""), category
    unit = found.get("unit")
    return level, ":".join(unit) if isinstance(unit, tuple) else found.get("check", "")


def _variable(factor: Factor) -> str:
    name = f"{factor.function}({factor.variable})" if factor.function else factor.variable
    return name if factor.power == 1 else f"{name}^{factor.power}"


def _level(level: Level | str) -> str:
    if isinstance(level, Level):
        return f"{level.unit}:wave" if level.in_wave else level.unit
    return level


def _finding_rows(findings: Mapping[str, Any]) -> Iterator[Row]:
    """A row for the estimate of each finding, and one for its size."""
    for place in ("items", "further", "untold", "remarks"):
        for finding in findings[place]:
            shared = {
                "wave": finding["wave"] or "",
                "group": finding["variable"] or "",
                "category": finding["category"] or "",
                "finding": finding["key"],
            }
            for ending, unit, names in (
                ("", finding["unit"] or SHARE, ("estimate", "lower", "upper")),
                ("_in_sd", SD, ("size",)),
            ):
                runs = {name: finding[name] for name in names if finding[name] is not None}
                if runs:
                    numbers = {
                        n.replace("size", "estimate"): r.get("value") for n, r in runs.items()
                    }
                    is_hidden = any("hidden" in run for run in runs.values())
                    yield (
                        shared
                        | dict.fromkeys(NUMBERS)
                        | numbers
                        | {
                            "statistic": f"finding_{finding['kind']}{ending}",
                            "unit": unit,
                            "flag": CONFIDENTIAL if is_hidden else "",
                        }
                    )
