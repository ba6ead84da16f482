"""What the tables of a report say of the same rows: each function states one kind of thing."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable

from tests.attack.publication import HIDDEN, LONG, Publication
from tests.attack.reader import Reader, is_imputed, sum_of, waves_of

READ = re.compile(r"(\S+) read, (\S+) kept, (\S+) excluded")
LEFT_OUT = re.compile(r"have the outcome \(([\d,]+) of ([\d,]+)\) are left out of the models")
LACKING = re.compile(
    r"(?<!than )(\d+(?:\.(\d+))?)% of the rows that have the outcome"
    r"(?: \(([\d,]+) of ([\d,]+)\))? lack"
)
OUTCOME = "Score"


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


def rows_over_mean_sizes(reader: Reader, report: Publication) -> None:
    """The mean number of persons a unit, beside the rows kept, gives the number of units."""
    for row in report.records("children"):
        level, wave = row["Level"], list(row.values())[1]
        reader.cell(("units", level, wave), row["Units"])
        below = row["Contains"].capitalize()
        inside = ("kept", wave) if below == "Pupils" else ("units", below, wave)
        reader.share(inside, ("units", level, wave), row.get("Of these in each unit: Mean"))


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
    sum_of(reader, whole, [used] if is_imputed(report) else [lost, used])
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
        sum_of(reader, known, keys)
        lost = [("missing", *gap, known[2]) for gap in gaps if gap[0] == known[1]]
        sum_of(reader, ("kept", known[2]), [known, *lost])


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
            sum_of(reader, allocated, [keys["seen"], keys["gone"]])
            sum_of(reader, keys["seen"], [keys["with_outcome"], keys["without"]])
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
    sum_of(reader, total, [("used", analysis, wave) for wave in waves])
    for row in report.records("residuals"):
        if list(row.values())[0] == "Rows":
            reader.cell(total, row["Value"])
    gone = [("incomplete", analysis, wave) for wave in waves]
    sum_of(reader, ("incomplete", analysis, "all"), gone)
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
