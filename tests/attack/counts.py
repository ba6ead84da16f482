"""Attacks on counts: what the tables of all reports of one survey say of the same counts.

Each function states one kind of thing that a reader knows; :func:`all_said` puts them into one
system. A count is named by a tuple: what is counted, of which level or variable, in which wave.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable, Mapping

from tests.attack.publication import HIDDEN, LONG, Publication, half_of, number_in
from tests.attack.system import System

RECURS = re.compile(
    r"(\S+) of (\S+) (\S+) of wave (.+) are found in wave (.+) \(which has ([^)]+)\)"
)
READ = re.compile(r"(\S+) read, (\S+) kept, (\S+) excluded")
LEFT_OUT = re.compile(r"have the outcome \(([\d,]+) of ([\d,]+)\) are left out of the models")
LACKING = re.compile(
    r"(?<!than )(\d+(?:\.(\d+))?)% of the rows that have the outcome"
    r"(?: \(([\d,]+) of ([\d,]+)\))? lack"
)
OUTCOME = "Score"
DRAWN = "were imputed"  # of the values of covariates, in the card of the model


class Reader:
    """Reads cells of reports into a system, and keeps which counts are marked as hidden."""

    def __init__(self) -> None:
        self.system = System()
        self.hidden: set[Hashable] = set()

    def cell(self, key: Hashable, text: str | None) -> None:
        """A printed count, or its mark."""
        value = number_in(text)
        self.system.bound({key: 1.0}, 0.0, math.inf)
        if value is not None:
            self.system.equal({key: 1.0}, value)
        elif text and HIDDEN in text:
            self.hidden.add(key)

    def share(self, top: Hashable, bottom: Hashable, text: str | None) -> None:
        """A printed share or mean size: one count over another."""
        value = number_in(text)
        if value is not None:
            self.system.quotient(top, bottom, value, half_of(text) if "." in text else 0.5)


def all_said(reports: Mapping[str, Publication], is_certain_of_samples: bool = True) -> Reader:
    """All that the reports of a survey, by their analyses, say of its counts."""
    reader = Reader()
    for analysis, report in reports.items():
        sums_of_the_flow(reader, report, analysis)
        rows_that_checks_repeat(reader, report)
        units_that_checks_repeat(reader, report)
        rows_over_mean_sizes(reader, report)
        units_over_mean_sizes(reader, report)
        units_found_in_waves(reader, report)
        flows_of_units(reader, report)
        flows_by_category(reader, report)
        units_without_values(reader, report)
        missing_rows(reader, report, analysis)
        rows_left_out(reader, report, analysis)
        shares_of_categories(reader, report)
        groups_of_a_policy(reader, report)
        counts_of_the_long_table(reader, report, analysis)
        sizes_of_the_sample(reader, report, analysis)
        if is_certain_of_samples:
            samples_that_hold_all_units(reader, report, analysis)
    return reader


def imputed_analyses(reports: Mapping[str, Publication]) -> set[str]:
    """Analyses that use all rows with the outcome, as what these lack was drawn."""
    return {name for name, report in reports.items() if is_imputed(report)}


def is_imputed(report: Publication) -> bool:
    """Whether a report says that missing values of covariates were drawn."""
    cards = report.records("card")
    return any(DRAWN in row["This model"] for row in cards if row["Item"] == "Missing values")


def waves_of(report: Publication) -> list[str]:
    """Labels of the waves, in order."""
    flow = report.tables["flow"]
    return [row[0] for row in flow.rows]


def sums_of_the_flow(reader: Reader, report: Publication, analysis: str) -> None:
    """Rows read are those excluded and kept; rows kept are those incomplete and used."""
    for row in report.records("flow"):
        wave = next(iter(row.values()))
        read, out, kept = ("read", wave), ("excluded", wave), ("kept", wave)
        incomplete, used = ("incomplete", analysis, wave), ("used", analysis, wave)
        keys = (read, out, kept, incomplete, used)
        names = ("Rows read", "Excluded", "Kept", "Incomplete", "Used in the models")
        for key, name in zip(keys, names, strict=True):
            reader.cell(key, row.get(name))
        reader.system.equal({read: 1, out: -1, kept: -1})
        reader.system.equal({kept: 1, incomplete: -1, used: -1})
        reader.share(used, kept, row.get("Used, of kept"))
    inputs = report.records("inputs")
    if len(inputs) == len(waves_of(report)):
        for row in inputs:
            reader.cell(("read", row["Wave"]), row["Rows read"])


def rows_that_checks_repeat(reader: Reader, report: Publication) -> None:
    """Checks say again how many rows were read, kept and excluded."""
    for row in report.records("checks"):
        found = READ.match(row.get("Detail", ""))
        if found:
            wave = row["Check"].removeprefix("Rows of wave ")
            for name, text in zip(("read", "kept", "excluded"), found.groups(), strict=True):
                reader.cell((name, wave), text)


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


def rows_over_mean_sizes(reader: Reader, report: Publication) -> None:
    """The mean number of persons a unit, beside the rows kept, gives the number of units."""
    for row in report.records("children"):
        level, wave = row["Level"], list(row.values())[1]
        reader.cell(("units", level, wave), row["Units"])
        below = row["Contains"].capitalize()
        inside = ("kept", wave) if below == "Pupils" else ("units", below, wave)
        reader.share(inside, ("units", level, wave), row.get("Of these in each unit: Mean"))


def units_over_mean_sizes(reader: Reader, report: Publication) -> None:
    """Units in all, mean sizes, and occasions: the rows of all waves."""
    rows = report.records("hierarchy")
    waves = waves_of(report)
    for row, below in zip(rows, [*rows[1:], None], strict=True):
        level = _plain(row["Level"])
        reader.cell(("distinct", level), row["Units"])
        if level.endswith("by wave"):
            whole = level.removesuffix(" by wave")
            _sum(reader, ("distinct", level), [("units", whole, wave) for wave in waves])
        if below is None:
            _sum(reader, ("distinct", level), [("kept", wave) for wave in waves])
        else:
            inside = ("distinct", _plain(below["Level"]))
            if row is not rows[0] and below["Level"].startswith("Pupils ("):
                inside = ("distinct", _plain(rows[-1]["Level"]))  # units of one wave hold rows
            reader.share(inside, ("distinct", level), row.get("Of these in each unit: Mean"))


def _plain(level: str) -> str:
    return level.partition(" (")[0]


def _sum(reader: Reader, total: Hashable, parts: Iterable[Hashable]) -> None:
    reader.system.equal({total: 1.0, **dict.fromkeys(parts, -1.0)})


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
        _sum(reader, total, times)
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
        _sum(reader, before, [parts["stay"], parts["leave"]])
        _sum(reader, after, [parts["stay"], parts["new"]])
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
            _sum(reader, both, keys)
            reader.share(keys[1], both, row.get("Leave, of all"))
        for total, parts in sums.items():
            _sum(reader, total[:-1], parts)


def units_without_values(reader: Reader, report: Publication) -> None:
    """Units without any value stand beside the units of the wave: a column named Of."""
    for row in report.records("empty-units"):
        level, variable, wave = list(row.values())[:3]
        reader.cell(("empty", level, variable, wave), row["Units"])
        reader.cell(("units", level, wave), row["Of"])


def missing_rows(reader: Reader, report: Publication, analysis: str) -> None:
    """Missing values by reason are shares of the rows kept, and bound the incomplete rows.

    Where values are imputed these are the rows without the outcome alone.
    """
    by_wave: dict[str, list[tuple]] = {}
    for row in report.records("missing"):
        for wave in waves_of(report):
            key = ("missing", row["Variable"], row["Reason"], wave)
            reader.cell(key, row.get(f"{wave}: Rows"))
            reader.share(key, ("kept", wave), row.get(f"{wave}: Share"))
            if row["Variable"] == OUTCOME or not is_imputed(report):
                by_wave.setdefault(wave, []).append(key)
    for wave, keys in by_wave.items():
        incomplete = ("incomplete", analysis, wave)
        reader.system.bound({incomplete: 1.0, **dict.fromkeys(keys, -1.0)}, -math.inf, 0.0)
        for name in {key[1] for key in keys}:
            own = {key: -1.0 for key in keys if key[1] == name}
            reader.system.bound({incomplete: 1.0, **own}, 0.0, math.inf)


def rows_left_out(reader: Reader, report: Publication, analysis: str) -> None:
    """Rows with the outcome that lack a covariate: in words, by covariate, and by combination."""
    whole, lost = ("valued", "all"), ("lost", analysis)
    waves = waves_of(report)
    gone = [("missing", r["Variable"], r["Reason"], wave) for r in report.records("missing")
            for wave in waves if r["Variable"] == OUTCOME]  # fmt: skip
    kept = {("kept", wave): -1.0 for wave in waves}
    reader.system.equal({whole: 1.0, **kept, **dict.fromkeys(gone, 1.0)})
    used = ("used", analysis, "all")
    _sum(reader, whole, [used] if is_imputed(report) else [lost, used])
    for found in LACKING.finditer(report.words):
        half = 0.5 * 10 ** -(2 + len(found[2] or ""))
        reader.system.quotient(lost, whole, float(found[1]) / 100, half)
        reader.cell(lost, found[3])
        reader.cell(whole, found[4])
    for found in LEFT_OUT.finditer(report.words):
        reader.cell(lost, found[1])
        reader.cell(whole, found[2])
    parts: dict[str, list[Hashable]] = {}
    for row in report.records("lacking"):
        name = row["Covariate"]
        key, both = ("lacking", name), ("both", name)
        reader.share(key, whole, row["Share of the rows"])
        reader.system.bound({lost: 1.0, key: -1.0}, 0.0, math.inf)
        cells = [("missing", r["Variable"], r["Reason"], wave) for r in report.records("missing")
                 for wave in waves if r["Variable"] == name]  # fmt: skip
        if cells:
            reader.system.equal({key: 1.0, both: 1.0, **dict.fromkeys(cells, -1.0)})
        parts[name] = []
    for row in report.records("lacking-together"):
        names = row["Missing together"]
        key = ("together", analysis, names)
        reader.share(key, whole, row["Share of the rows"])
        for name in parts:
            if name in names.split(", "):
                parts[name].append(key)
    for name, keys in parts.items():
        less = dict.fromkeys(keys, -1.0)
        reader.system.bound({("lacking", name): 1.0, **less}, 0.0, math.inf)


def shares_of_categories(reader: Reader, report: Publication) -> None:
    """Shares of categories are of rows kept whose category is known, and add up to one."""
    waves = waves_of(report)
    gaps = {(r["Variable"], r["Reason"]) for r in report.records("missing")}
    parts: dict[Hashable, list[Hashable]] = {}
    for variable, label, row in report.grouped("describe"):
        for wave in waves if label not in ("Mean", "SD") else ():
            known, key = ("known", variable, wave), ("category", variable, label, wave)
            parts.setdefault(known, []).append(key)
            if HIDDEN in row[wave]:
                reader.hidden.add(key)
            reader.share(key, known, row[wave])
    for known, keys in parts.items():
        _sum(reader, known, keys)
        lost = [("missing", *gap, known[2]) for gap in gaps if gap[0] == known[1]]
        _sum(reader, ("kept", known[2]), [known, *lost])


def groups_of_a_policy(reader: Reader, report: Publication) -> None:
    """Who was allocated is seen or gone; of those seen some have an outcome, some another group."""
    variables = {label: variable for variable, label, __ in report.grouped("describe")}
    flows = [row for table in report.tables if table.startswith("attrition-by-")
             for row in report.grouped(table)]  # fmt: skip
    variables |= {label: group.rpartition(", ")[0] for group, label, __ in flows}
    gaps = [(row["Variable"], row["Reason"]) for row in report.records("missing")]
    for name, chart in report.charts.items():
        rows = chart.records() if name.startswith("flow-") else []
        ends: dict[str, list[dict[str, Hashable]]] = {}
        for row in rows:
            variable, first = variables.get(row["category"], name), rows[0]["wave"]
            place = (variable, row["category"], first, row["wave"])
            kinds = ("seen", "with_outcome", "moved", "gone")
            keys = {kind: (kind, *place) for kind in (*kinds, "without")}
            for kind in kinds:
                reader.cell(keys[kind], row[kind])
            allocated = ("category", variable, row["category"], first)
            reader.cell(allocated, row["assigned"])
            _sum(reader, allocated, [keys["seen"], keys["gone"]])
            _sum(reader, keys["seen"], [keys["with_outcome"], keys["without"]])
            reader.system.bound({keys["seen"]: 1.0, keys["moved"]: -1.0}, 0.0, math.inf)
            for kind, flow in (("seen", "stay"), ("gone", "leave")):
                if row["wave"] != first:
                    told = (flow, "Pupils", first, row["wave"], variable, row["category"])
                    reader.system.equal({keys[kind]: 1.0, told: -1.0})
            ends.setdefault(row["wave"], []).append(keys)
        for wave, groups in ends.items():
            if any(gap[0] == groups[0]["seen"][1] for gap in gaps):
                continue  # some have no known group
            whole = {keys["without"]: 1.0 for keys in groups}
            lost = {("missing", *gap, wave): -1.0 for gap in gaps if gap[0] == OUTCOME}
            least = -math.inf if wave != rows[0]["wave"] else 0.0  # others come later
            reader.system.bound({**whole, **lost}, least, 0.0)


def counts_of_the_long_table(reader: Reader, report: Publication, analysis: str) -> None:
    """The long table says rows and units again; its waves are named in the order of the flow."""
    rows = report.records(LONG)
    names = list(dict.fromkeys(r["wave"] for r in rows if r["statistic"] == "rows_clean"))
    labels = dict(zip(names, waves_of(report), strict=False))
    for row in rows:
        level, waves = f"{row['group'].capitalize()}s", row["wave"].split(":")
        if not all(wave in labels for wave in waves if wave):
            continue
        at = [labels[wave] for wave in waves if wave]
        keys = {
            "rows": ("used", analysis, *at),
            "rows_clean": ("kept", *at),
            "units": ("sample", analysis, level, *at),
            "units_in_all": ("recurring", level),
            **{f"units_{kind}": (kind, level, *at) for kind in ("stay", "leave", "new")},
        }
        if row["statistic"] in keys and ":" not in row["group"]:
            reader.cell(keys[row["statistic"]], row["estimate"] or row["flag"])


def sizes_of_the_sample(reader: Reader, report: Publication, analysis: str) -> None:
    """Rows and units of an analysis: the model card, residuals, and the waves that were studied."""
    waves = waves_of(report)
    total = ("used", analysis, "all")
    _sum(reader, total, [("used", analysis, wave) for wave in waves])
    for row in report.records("residuals"):
        if list(row.values())[0] == "Rows":
            reader.cell(total, row["Value"])
    gone = [("incomplete", analysis, wave) for wave in waves]
    _sum(reader, ("incomplete", analysis, "all"), gone)
    for row in report.records("card"):
        if row["Item"] == "Missing values":
            told = re.search(r"which are left out: ([^;]+)", row["This model"])
            first = told[1] if told else row["This model"].split(" ")[0]
            reader.cell(("incomplete", analysis, "all"), first)
        if row["Item"] == "Rows and units":
            for number, noun in re.findall(r"(\d[\d,]*) ([a-z ]+?)(?=,| and|$)", row["This model"]):
                key = ("sample", analysis, noun.capitalize())
                reader.cell(key, number)
                reader.system.bound({("recurring", noun.capitalize()): 1.0, key: -1.0}, 0, math.inf)
    for row in report.records("studied"):
        wave = next(iter(row.values()))
        reader.cell(("used", analysis, wave), row.get("Rows used"))
        for level in [name for name in row if name.endswith("s")][:3]:
            used = ("sample", analysis, level, wave)
            reader.cell(used, row[level])
            reader.system.bound({("units", level, wave): 1.0, used: -1.0}, 0, math.inf)


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
