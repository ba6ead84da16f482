"""Checks of linked waves: does what recurs fit the design, do stable facts stay, do scales jump.

A check is a dict with check, result (``ok``, ``warning`` or ``not known``) and detail. What
contradicts the configuration is a problem, and no result is computed from it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mlm.rows.configuration.models import Configuration
from mlm.rows.tracks import Track

MIN_RECURRING = 0.05
"""Share of the smaller wave's units that must be found in the next wave for 'the same units'."""

MAX_RECURRING = 0.5
"""Share of recurring unique ids from which units 'drawn anew' are in doubt."""

MAX_CHANGED = 0.2
"""Share of pupils whose stable category changes from which ids count as given twice."""

MAX_SHIFT = 3.0
"""Change of a mean between waves, in standard deviations, from which scales are in doubt."""


def _check(name: str, result: str, detail: str) -> dict:
    return {"check": name, "result": result, "detail": detail}


def check_design(
    configuration: Configuration, tracks: Mapping[str, Track]
) -> tuple[list[dict], list[str]]:
    """Checks of the recurring units, and the contradictions to the design."""
    checks, problems = [], []
    for level, units in tracks.items():
        expected = level in configuration.levels_above_time
        for flow in units.flows():
            before, after = flow["stay"] + flow["leave"], flow["stay"] + flow["new"]
            share = flow["stay"] / min(before, after)
            text = (
                f"{flow['stay']} of {before} {_plural(configuration, level)} of wave "
                f"{flow['from']} are found in wave {flow['to']} (which has {after})"
            )
            if expected and share < MIN_RECURRING:
                problems.append(_contradiction(configuration, level, text))
            elif expected:
                checks.append(_check(f"{level} recurs", "ok", text))
            elif units.by_id and share > MAX_RECURRING:
                checks.append(_check(f"{level} is new", "warning", _doubt(configuration, text)))
    checks += [_shared(configuration, units) for units in tracks.values() if units.by_id]
    return checks, problems


def _contradiction(configuration: Configuration, level: str, text: str) -> str:
    design = configuration.design
    return (
        f"design: {design} says that each {level} is followed over the waves, but {text}; correct "
        "the ids, or choose the design that fits (same_pupils, same_schools, new_schools)"
    )


def _doubt(configuration: Configuration, text: str) -> str:
    return (
        f"{text} although {configuration.design} takes them as different; if they are the same, "
        "choose another design"
    )


def _shared(configuration: Configuration, units: Track) -> dict:
    count = int(units.shared_in_a_wave().sum())
    text = f"{count} {_plural(configuration, units.level)} have several parents in one wave"
    return _check(f"{units.level} has one {units.parent}", "warning" if count else "ok", text)


def _plural(configuration: Configuration, level: str) -> str:
    return configuration.level(level).plural or f"{level}s"


def check_stable_variables(
    configuration: Configuration, tables: Mapping[str, pd.DataFrame]
) -> tuple[list[dict], list[str]]:
    """Checks that variables of recurring units keep their values over the waves."""
    checks, problems = [], []
    recurring = configuration.levels_above_time
    for name, variable in configuration.variables.items():
        if variable.level not in recurring:
            continue
        path = list(recurring[: recurring.index(variable.level) + 1])
        changed, compared = _changed(tables, path, name)
        plural = _plural(configuration, variable.level)
        text = f"{name} changes between waves for {changed} of {compared} {plural}"
        is_person = configuration.design == "same_pupils" and variable.level == recurring[-1]
        if variable.is_category and is_person and changed > MAX_CHANGED * compared:
            problems.append(
                f"{text}, although it belongs to the {variable.level}: the ids seem to be given "
                "to others in a later wave; correct the ids, or say 'level: row' if it may change"
            )
        checks.append(_check(f"{name} is stable", "warning" if changed else "ok", text))
    return checks, problems


def _changed(tables: Mapping[str, pd.DataFrame], path: list[str], name: str) -> tuple[int, int]:
    """Units whose values differ, and units with a value in two waves at least."""
    parts = [table[[*path, name]].dropna().drop_duplicates(path) for table in tables.values()]
    values = pd.concat(parts, ignore_index=True).groupby(path, sort=False)[name]
    seen = values.size().to_numpy()
    different = values.nunique().to_numpy() > 1
    return int(different.sum()), int((seen > 1).sum())


def check_ledgers(configuration: Configuration, ledgers: list[dict]) -> list[dict]:
    """Checks of what the ledgers tell: rows that add up, empty variables, scales that jump."""
    checks = []
    for ledger in ledgers:
        excluded = sum(entry["rows"] for entry in ledger["excluded"])
        fits = ledger["rows_read"] == ledger["rows_kept"] + excluded
        text = f"{ledger['rows_read']} read, {ledger['rows_kept']} kept, {excluded} excluded"
        checks.append(_check(f"rows of wave {ledger['wave']}", "ok" if fits else "warning", text))
    for name, variable in configuration.variables.items():
        summaries = [(ledger["wave"], ledger["variables"][name]) for ledger in ledgers]
        if variable.is_category:
            checks += _absent_categories(name, summaries)
        else:
            checks += _shifts(name, summaries)
    return checks


def _absent_categories(name: str, summaries: list[tuple[str, dict]]) -> list[dict]:
    found = {code for _, summary in summaries for code, n in summary["counts"].items() if n}
    checks = []
    for wave, summary in summaries:
        absent = [code for code, n in summary["counts"].items() if not n and code in found]
        if absent:
            text = f"not found in wave {wave}, but in others: {', '.join(absent)}"
            checks.append(_check(f"categories of {name}", "warning", text))
    return checks


def _shifts(name: str, summaries: list[tuple[str, dict]]) -> list[dict]:
    checks = []
    for (before, old), (after, new) in zip(summaries, summaries[1:], strict=False):
        empty = [wave for wave, summary in ((before, old), (after, new)) if not summary["n"]]
        if empty:
            checks.append(_check(f"values of {name}", "warning", f"none in wave {empty[0]}"))
        elif old["sd"] and abs(new["mean"] - old["mean"]) > MAX_SHIFT * old["sd"]:
            shift = abs(new["mean"] - old["mean"]) / old["sd"]
            text = (
                f"the mean moves from {old['mean']:.4g} in wave {before} to {new['mean']:.4g} in "
                f"wave {after}: {shift:.1f} standard deviations"
            )
            checks.append(_check(f"scale of {name}", "warning", text))
    return checks
