"""What the tables of a report say of the same units: each function states one kind of thing."""

from __future__ import annotations

import math
import re

from tests.attack.publication import Publication
from tests.attack.reader import Reader, sum_of, waves_of

RECURS = re.compile(
    r"(\S+) of (\S+) (\S+) of wave (.+) are found in wave (.+) \(which has ([^)]+)\)"
)


def units_that_checks_repeat(reader: Reader, report: Publication) -> None:
    """Checks say again how many units a wave has, and how many recur."""
    for row in report.records("checks"):
        found = RECURS.match(row.get("Detail", ""))
        if found:
            stay, before, noun, wave, other, after = found.groups()
            level = noun.capitalize()
            reader.cell(("stay", level, wave, other), stay)
            reader.cell(("units", level, wave), before)
            reader.cell(("units", level, other), after)


def units_over_mean_sizes(reader: Reader, report: Publication) -> None:
    """Units in all, mean sizes, and occasions: the rows of all waves."""
    rows = report.records("hierarchy")
    waves = waves_of(report)
    for row, below in zip(rows, [*rows[1:], None], strict=True):
        level = _plain(row["Level"])
        reader.cell(("distinct", level), row["Units"])
        if level.endswith("by wave"):
            whole = level.removesuffix(" by wave")
            sum_of(reader, ("distinct", level), [("units", whole, wave) for wave in waves])
        if below is None:
            sum_of(reader, ("distinct", level), [("kept", wave) for wave in waves])
        else:
            inside = ("distinct", _plain(below["Level"]))
            if row is not rows[0] and below["Level"].startswith("Pupils ("):
                inside = ("distinct", _plain(rows[-1]["Level"]))  # units of one wave hold rows
            reader.share(inside, ("distinct", level), row.get("Of these in each unit: Mean"))


def _plain(level: str) -> str:
    return level.partition(" (")[0]


def units_found_in_waves(reader: Reader, report: Publication) -> None:
    """Units by the number of waves in which they are found: in all, and over the waves."""
    waves = waves_of(report)
    for row in report.records("in-waves"):
        level = row["Level"]
        total = ("recurring", level)
        reader.cell(total, row["Units"])
        times = {}
        for name, text in row.items():
            found = re.match(r"In (one|\d+) waves?: (Units|Share)", name)
            if not found:
                continue
            number = 1 if found[1] == "one" else int(found[1])
            key = ("in waves", level, number)
            times[key] = number
            (reader.cell(key, text) if found[2] == "Units" else reader.share(key, total, text))
        for number in range(1, len(waves) + 1):  # a column may be left out
            times.setdefault(("in waves", level, number), number)
        sum_of(reader, total, times)
        seen = {("units", level, wave): -1.0 for wave in waves}
        if len(times) == len(waves):
            reader.system.equal({**times, **seen})
        if [r["Level"] for r in report.records("hierarchy")][:1] == [level]:
            reader.system.equal({total: 1.0, ("distinct", level): -1.0})


def flows_of_units(reader: Reader, report: Publication) -> None:
    """Units of a wave stay or leave; those of the next stayed or are new, or back."""
    rows = report.records("attrition")
    first = waves_of(report)[0]
    for row in rows:
        level, wave, other = row["Units"], row["From"], row["To"]
        parts = {name: (name, level, wave, other) for name in ("stay", "leave", "new", "back")}
        for name, key in parts.items():
            reader.cell(key, row.get(name.capitalize()))
        before, after = ("units", level, wave), ("units", level, other)
        sum_of(reader, before, [parts["stay"], parts["leave"]])
        sum_of(reader, after, [parts["stay"], parts["new"]])
        reader.system.bound({parts["new"]: 1.0, parts["back"]: -1.0}, 0.0, math.inf)
    for level in {row["Units"] for row in rows}:
        steps = [(level, r["From"], r["To"]) for r in rows if r["Units"] == level]
        found = {("new", *step): -1.0 for step in steps} | {("back", *step): 1.0 for step in steps}
        first_found = {("units", level, first): -1.0, **found}
        reader.system.equal({("recurring", level): 1.0, **first_found})
        if level == "Pupils":  # each has one row in a wave
            for wave in waves_of(report):
                reader.system.equal({("units", level, wave): 1.0, ("kept", wave): -1.0})


def flows_by_category(reader: Reader, report: Publication) -> None:
    """Categories of those who stay and leave add up to all who do; shares of leavers."""
    for name in report.tables:
        if not name.startswith("attrition-by-"):
            continue
        level = name.removeprefix("attrition-by-").capitalize() + "s"
        sums: dict[tuple, list[tuple]] = {}
        for group, label, row in report.grouped(name):
            variable, __, waves = group.rpartition(", ")
            step = (level, *waves.split(" to "), variable, label)
            keys = [(kind, *step) for kind in ("stay", "leave")]
            for key, text in zip(keys, (row["Stay"], row["Leave"]), strict=True):
                reader.cell(key, text)
                sums.setdefault(key[:-1], []).append(key)
            both = (*keys[0], "all")
            sum_of(reader, both, keys)
            reader.share(keys[1], both, row.get("Leave, of all"))
        for total, parts in sums.items():
            sum_of(reader, total[:-1], parts)


def units_without_values(reader: Reader, report: Publication) -> None:
    """Units without any value stand beside the units of the wave: a column named Of."""
    for row in report.records("empty-units"):
        level, variable, wave = list(row.values())[:3]
        reader.cell(("empty", level, variable, wave), row["Units"])
        reader.cell(("units", level, wave), row["Of"])


def samples_that_hold_all_units(reader: Reader, report: Publication, analysis: str) -> None:
    """Where the outcome alone is ever missing and no unit is without one, all units are used."""
    variables = {row["Variable"] for row in report.records("missing")}
    outcome = next((group for group, *__ in report.grouped("describe")), "").partition(" (")[0]
    if variables - {outcome} or report.records("empty-units"):
        return
    for row in report.records("card"):
        if row["Item"] == "Rows and units" and "schools" in row["This model"]:
            key = ("sample", analysis, "Schools")
            reader.system.equal({("recurring", "Schools"): 1.0, key: -1.0})
    for row in report.records("studied"):
        wave = next(iter(row.values()))
        used = ("sample", analysis, "Schools", wave)
        reader.system.equal({("units", "Schools", wave): 1.0, used: -1.0})
