"""Checks of what the ledgers of the waves tell together: sums, files, labels, empty or new cells.

A check is a dict with check, result (``ok`` or ``warning``) and detail; what contradicts the
configuration is a problem, and no result is computed from it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from mlm.configuration.models import Configuration
from mlm.rows.messages import counted

MAX_SHIFT = 3.0
"""Change of a mean between waves, in standard deviations, from which scales are in doubt."""

MAX_SD_RATIO = 3.0
"""Ratio of the standard deviations of two waves from which scales are in doubt."""

MAX_MOVED_SHARES = 0.3
"""Share of the rows that would have to change their category from which codings are in doubt."""

_NAMED_SHIFTS = 5


def check(name: str, result: str, detail: str) -> dict:
    """One entry of the checks."""
    return {"check": name, "result": result, "detail": detail}


def ledger_problems(configuration: Configuration, ledgers: Sequence[dict]) -> list[str]:
    """The same file in two waves; codes whose label differs between waves."""
    return [*_same_files(ledgers), *_changed_labels(configuration, ledgers)]


def _same_files(ledgers: Sequence[dict]) -> Iterator[str]:
    for one, other in itertools.combinations(ledgers, 2):
        for file, copy in itertools.product(one["files"], other["files"]):
            if file["sha256"] == copy["sha256"]:
                yield (
                    f"wave {other['wave']}: {copy['file']}: the file is a copy of {file['file']} "
                    f"of wave {one['wave']}; deliver the wave's own file"
                )


def _changed_labels(configuration: Configuration, ledgers: Sequence[dict]) -> Iterator[str]:
    for one, other in itertools.combinations(ledgers, 2):
        before, after = one.get("labels", {}), other.get("labels", {})
        for name in before.keys() & after.keys() & configuration.variables.keys():
            declared = configuration.variables[name].by_wave
            if one["wave"] in declared or other["wave"] in declared:
                continue
            codes = [
                code
                for code in before[name].keys() & after[name].keys()
                if before[name][code].strip().lower() != after[name][code].strip().lower()
            ]
            if codes:
                shown = ", ".join(sorted(codes)[:_NAMED_SHIFTS])
                yield (
                    f"{name}: {counted(len(codes), 'code')} ({shown}) with another label in wave "
                    f"{other['wave']} than in wave {one['wave']}: the coding has changed; say "
                    f"under 'by_wave' how wave {other['wave']} is recoded (an empty recode if only "
                    "the wording differs)"
                )


def check_ledgers(configuration: Configuration, ledgers: Sequence[dict]) -> list[dict]:
    """Rows and cells that add up, empty units, categories that come and go, scales that jump."""
    checks = []
    for ledger in ledgers:
        checks += [_rows(ledger), _cells(ledger), *_empty(ledger), *_suspect_codes(ledger)]
        checks += _roles(ledger)
    for name, variable in configuration.variables.items():
        summaries = [(ledger["wave"], ledger["variables"][name]) for ledger in ledgers]
        if variable.is_category:
            checks += [*_absent_categories(name, summaries), *_moved_shares(name, summaries)]
        else:
            entries = variable.by_wave.items()
            rescaled = {wave for wave, entry in entries if entry.rescaled}
            checks += _shifts(name, summaries, rescaled)
            checks += [
                _rescaled(name, wave, entry.rescale) for wave, entry in entries if entry.rescale
            ]
    return checks


def _rows(ledger: dict) -> dict:
    excluded = sum(entry["rows"] for entry in ledger["excluded"])
    fits = ledger["rows_read"] == ledger["rows_kept"] + excluded
    text = f"{ledger['rows_read']} read, {ledger['rows_kept']} kept, {excluded} excluded"
    return check(f"rows of wave {ledger['wave']}", "ok" if fits else "warning", text)


def _cells(ledger: dict) -> dict:
    missing = dict.fromkeys(ledger["variables"], 0)
    for entry in ledger["missing"]:
        missing[entry["variable"]] += entry["cells"]
    wrong = [
        name
        for name, summary in ledger["variables"].items()
        if summary["n"] + missing[name] != ledger["rows_kept"]
    ]
    total = sum(missing.values())
    text = f"{counted(total, 'cell')} missing in {counted(len(missing), 'variable')}, each with its"
    text += " reason" if not wrong else f" reason, but for {', '.join(wrong)}"
    return check(f"cells of wave {ledger['wave']}", "warning" if wrong else "ok", text)


def _empty(ledger: dict) -> Iterator[dict]:
    for entry in ledger.get("empty_groups", ()):
        name = f"{entry['variable']} in each {entry['level']}"
        text = (
            f"wave {ledger['wave']}: missing in every row of {entry['groups']} of "
            f"{ledger['groups'][entry['level']]} units of level {entry['level']}"
        )
        yield check(name, "warning", text)


def _suspect_codes(ledger: dict) -> Iterator[dict]:
    for entry in ledger.get("suspect_codes", ()):
        text = (
            f"wave {ledger['wave']}: {counted(entry['cells'], 'cell')} {entry['code']:g}, far from "
            "all other numbers; if the code means missing, declare it under 'missing', if not, a "
            "'range' that holds it"
        )
        yield check(f"codes of {entry['variable']}", "warning", text)


def _roles(ledger: dict) -> Iterator[dict]:
    roles = ledger.get("roles", {})
    for name, entry in roles.get("weights", {}).items():
        bad = entry["missing"] + entry["zero"]
        text = (
            f"wave {ledger['wave']}: {entry['n']} weights, {entry['missing']} missing, "
            f"{entry['zero']} zero, effective number of rows {entry['effective_n'] or 0:.0f}"
        )
        yield check(f"weight {name}", "warning" if bad else "ok", text)
    for title, entry in roles.get("plausible_values", {}).items():
        text = (
            f"wave {ledger['wave']}: {entry['all']} rows have all {len(entry['values'])} values, "
            f"{entry['some']} only some"
        )
        yield check(f"plausible values {title}", "warning" if entry["some"] else "ok", text)


def _absent_categories(name: str, summaries: list[tuple[str, dict]]) -> list[dict]:
    found = {code for _, summary in summaries for code, n in summary["counts"].items() if n}
    checks = []
    for wave, summary in summaries:
        absent = [code for code, n in summary["counts"].items() if not n and code in found]
        if absent:
            text = f"not found in wave {wave}, but in others: {', '.join(absent)}"
            checks.append(check(f"categories of {name}", "warning", text))
    return checks


def _moved_shares(name: str, summaries: list[tuple[str, dict]]) -> list[dict]:
    """Categories whose shares differ so much between two waves that their codes are in doubt."""
    checks = []
    for (before, old), (after, new) in itertools.pairwise(summaries):
        if not old["n"] or not new["n"]:
            continue
        moved = {
            code: new["counts"][code] / new["n"] - n / old["n"] for code, n in old["counts"].items()
        }
        if sum(map(abs, moved.values())) / 2 > MAX_MOVED_SHARES:
            most = max(moved, key=lambda code: round(abs(moved[code]), 9))
            text = (
                f"the share of {most} moves from {old['counts'][most] / old['n']:.0%} in wave "
                f"{before} to {new['counts'][most] / new['n']:.0%} in wave {after}; if codes have "
                "changed their meaning, say under 'by_wave' how the wave is recoded"
            )
            checks.append(check(f"shares of {name}", "warning", text))
    return checks


def _shifts(name: str, summaries: list[tuple[str, dict]], rescaled: set[str]) -> list[dict]:
    checks = []
    for (before, old), (after, new) in zip(summaries, summaries[1:], strict=False):
        empty = [wave for wave, summary in ((before, old), (after, new)) if not summary["n"]]
        if empty:
            checks.append(check(f"values of {name}", "warning", f"none in wave {empty[0]}"))
        elif after not in rescaled and (text := _jump(before, old, after, new)):
            checks.append(check(f"scale of {name}", "warning", text))
    return checks


def _rescaled(name: str, wave: str, rescale: tuple[float, float]) -> dict:
    times, plus = rescale
    sign = "plus" if plus >= 0 else "minus"
    text = f"wave {wave}: as delivered times {times:g} {sign} {abs(plus):g}"
    return check(f"scale of {name}", "ok", text)


def _jump(before: str, old: dict, after: str, new: dict) -> str | None:
    if old["sd"] and abs(new["mean"] - old["mean"]) > MAX_SHIFT * old["sd"]:
        shift = abs(new["mean"] - old["mean"]) / old["sd"]
        return (
            f"the mean moves from {old['mean']:.4g} in wave {before} to {new['mean']:.4g} in wave "
            f"{after}: {shift:.1f} standard deviations; if the scale was changed on purpose, say "
            "'rescaled' under 'by_wave'"
        )
    if old["sd"] and new["sd"]:
        ratio = new["sd"] / old["sd"]
        if not 1 / MAX_SD_RATIO <= ratio <= MAX_SD_RATIO:
            return (
                f"the standard deviation moves from {old['sd']:.4g} in wave {before} to "
                f"{new['sd']:.4g} in wave {after}; if the scale was changed on purpose, say "
                "'rescaled' under 'by_wave'"
            )
    return None
