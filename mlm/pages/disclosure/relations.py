"""What is known of the counts of a survey: which of them add up to which.

A reader knows these relations as well as we do. They are taken from two places: from the sums and
differences that the report prints, and from the shape of the linked survey (rows read are rows
kept and rows excluded, units of a wave stay or leave). One that does not hold is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mlm.pages.context import Context
from mlm.pages.node import Node, Source, trace

Terms = list[tuple[int, Node]]


def key_of(source: Source) -> str:
    """A source as text: the same for every place that prints the same count."""
    return source if isinstance(source, str) else json.dumps(source, sort_keys=True)


def printed_relations(sources: Iterable[Source]) -> Iterator[list[tuple[int, Source]]]:
    """A relation for each sum or difference among the sources, and within them."""
    for source in sources:
        if isinstance(source, str):
            continue
        parts = source["of"]
        if source["op"] == "sum":
            yield [(1, source), *((-1, part) for part in parts)]
        elif source["op"] == "difference":
            yield [(1, source), (-1, parts[0]), (1, parts[1])]
        yield from printed_relations(parts)


def told_relations(sources: Iterable[Source], context: Context) -> Iterator[Terms]:
    """Numbers in texts of the survey that equal a number of its account of units and rows."""
    account = [
        number
        for item in (*context.survey.get("attrition"), *context.survey.get("levels"))
        for key, part in item.items()
        for number in ([part] if key != "groups_by_wave" else [n for __, n in part.items()])
        if isinstance(number.value, int)
    ]
    for source in sources:
        if isinstance(source, dict) and source["op"].startswith("number "):
            told = Node(trace(source, {"survey": context.survey.value}), source)
            same = (number for number in account if number.value == told.value)
            yield from ([(1, told), (-1, number)] for number in same)


def survey_relations(context: Context) -> Iterator[Terms]:
    """What the shape of the survey and of the results says."""
    yield from _rows(context)
    yield from _attrition(context)
    yield from _missing(context)
    yield from _recorded(context)
    yield from _nested(context)
    results = context.results
    yield [(1, results.get("n_obs")), *((-1, wave["rows"]) for wave in results.get("waves"))]
    yield [(1, results.get("n_obs")), (-1, context.levels[-1]["n"])]
    yield from _residuals(context)
    yield from _units(context)
    yield from _present(context)


def _units(context: Context) -> Iterator[Terms]:
    """The units of a wave, told once by the survey and once by the models."""
    for level in context.survey.get("levels"):
        for wave, units in level.get("groups_by_wave").items():
            used = context.results.get("waves").find(wave=wave)
            for group, same in used.get("groups").items() if used is not None else ():
                if context.level_of(group) == level["name"].value:
                    yield [(1, units), (-1, same)]


def _present(context: Context) -> Iterator[Terms]:
    """The units whose effect in a wave is estimated from rows of it are those of the wave."""
    for item in context.results.get("stability", "levels"):
        found = item.get("trajectories")
        for position, wave in enumerate(found.get("waves").value or ()):
            used = context.results.get("waves").find(wave=wave)
            same = used.get("groups", item["group"].value) if used is not None else None
            if same is not None:
                yield [(1, found["present"][position]), (-1, same)]


def _rows(context: Context) -> Iterator[Terms]:
    for wave in context.survey.get("waves"):
        read, kept = wave["rows_read"], wave["rows_kept"]
        yield [(1, read), (-1, kept), *((-1, item["rows"]) for item in wave.get("excluded"))]
        yield [(1, read), *((-1, item.get("rows_read")) for item in wave.get("files"))]
        used = context.results.get("waves").find(wave=wave["wave"].value)
        for level in context.configuration.levels[-1:]:
            yield [(1, kept), (-1, wave.get("groups", level.name))]
        if used is not None:
            for __, groups in used.get("groups").items():
                yield [(1, used["rows"]), (-1, groups)]


def _attrition(context: Context) -> Iterator[Terms]:
    totals: dict[tuple, Node] = {}
    members: dict[tuple, list[Node]] = {}
    for item in context.survey.get("attrition"):
        level, start, end = (item.get(key).value for key in ("level", "from", "to"))
        place = (level, start, end)
        totals[place] = item
        before = _units_in(context, level, start)
        after = _units_in(context, level, end)
        yield [(1, before), (-1, item.get("stay")), (-1, item.get("leave"))]
        joined = [(-1, item.get(key)) for key in ("stay", "new", "back")]
        yield [(1, after), *(term for term in joined if not term[1].missing)]
    for item in context.survey.get("attrition_by"):
        keys = ("level", "from", "to", "variable")
        members.setdefault(tuple(item.get(key).value for key in keys), []).append(item)
    for place, items in members.items():
        total = totals.get(place[:3])
        for key in ("stay", "leave") if total is not None else ():
            yield [(1, total.get(key)), *((-1, item.get(key)) for item in items)]


def _units_in(context: Context, level: Any, wave: Any) -> Node:
    found = context.survey.get("levels").find(name=level)
    return found.get("groups_by_wave", wave) if found else Node(None, f"survey#/levels/{level}")


def _missing(context: Context) -> Iterator[Terms]:
    """Where one variable alone is missing, its missing cells are the rows that are not used."""
    used = set(context.results.get("rows_without").value or ())
    for wave in context.survey.get("waves"):
        cells = [i["cells"] for i in wave.get("missing") if i["variable"].value in used]
        model = context.results.get("waves").find(wave=wave["wave"].value)
        if cells and model is not None:
            yield [(1, wave["rows_kept"]), (-1, model["rows"]), *((-1, cell) for cell in cells)]


def _recorded(context: Context) -> Iterator[Terms]:
    """Categories of a variable and its missing cells add up to the rows kept."""
    for wave in context.survey.get("waves"):
        for name, item in wave.get("variables").items():
            gone = [(-1, i["cells"]) for i in wave.get("missing") if i["variable"].value == name]
            yield [(1, wave["rows_kept"]), (-1, item["n"]), *gone]
            parts = [(-1, number) for __, number in item.get("counts").items()]
            if parts:
                yield [(1, item["n"]), *parts]
        for __, item in wave.get("roles", "weights").items():
            yield [(1, wave["rows_kept"]), (-1, item["n"]), (-1, item["missing"])]
        for __, item in wave.get("roles", "plausible_values").items():
            whole = [(-1, item[key]) for key in ("all", "some", "none")]
            yield [(1, wave["rows_kept"]), *whole]


def _nested(context: Context) -> Iterator[Terms]:
    """Units of the levels, told as sizes, as waves in which they are found, and in all."""
    for level in context.survey.get("levels"):
        parts = [(-1, number) for __, number in level.get("in_waves").items()]
        if parts:
            yield [(1, level["distinct"]), *parts]
    for level, item in context.survey.get("children").items():
        for wave, sizes in item.get("by_wave").items():
            yield [(1, _units_in(context, level, wave)), (-1, sizes["groups"])]


def _residuals(context: Context) -> Iterator[Terms]:
    """Rows with a residual are those of the models; those of the waves add up to them."""
    found = context.results.get("residuals")
    if found.empty:
        return
    yield [(1, context.results.get("n_obs")), (-1, found["rows"])]
    for wave in found["waves"]:
        used = context.results.get("waves").find(wave=wave["wave"].value)
        if used is not None:
            yield [(1, used["rows"]), (-1, wave["rows"])]
    yield [(1, found["beyond"][1]["rows"]), *((-1, wave["beyond"]) for wave in found["waves"])]
    for parts in (found["fitted"], *(item["parts"] for item in found["variables"])):
        yield [(1, found["rows"]), *((-1, part["rows"]) for part in parts)]
