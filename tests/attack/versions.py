"""Attacks on counts by two versions of the reports: what did not change is known from both."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from tests.attack.counts import all_said
from tests.attack.publication import Publication
from tests.attack.system import System

OF_ROWS = ("read", "excluded", "kept", "incomplete", "used", "missing", "known", "category")
Versions = Mapping[str, Mapping[str, Publication]]


def counts_of_versions(versions: Versions) -> System:
    """All that two versions say, as one system; its keys are a version and a count.

    A wave whose file has the same hash has the same rows: each of its counts is one number. Where
    the rows kept of a changed wave are printed in both, no count of its rows moved by more, if all
    that happened is that persons withdrew.
    """
    system = System()
    names = list(versions)
    keys: dict[str, list[Hashable]] = {}
    for name, reports in versions.items():
        said = all_said(reports).system
        keys[name] = list(said.keys)
        for terms, low, high in said.rows:
            system.bound({(name, keys[name][at]): f for at, f in terms.items()}, low, high)
    before, after = names
    moves = _moves(versions)
    for key in set(keys[before]) & set(keys[after]):
        wave = key[-1]
        if (
            key[0] in (*OF_ROWS, "units")
            and wave in moves
            and (key[0] in OF_ROWS or not moves[wave])
        ):
            pair = {(before, key): 1.0, (after, key): -1.0}
            system.bound(pair, 0.0, moves[wave])
    return system


def _moves(versions: Versions) -> dict[str, float]:
    """By how many rows each wave fell, where readers can tell."""
    first, second = (next(iter(reports.values())) for reports in versions.values())
    hashes = [{r["Wave"]: r["SHA-256"] for r in each.records("inputs")} for each in (first, second)]
    kept = [{next(iter(r.values())): r["Kept"] for r in each.records("flow")}
            for each in (first, second)]  # fmt: skip
    found = {}
    for wave in kept[0]:
        if hashes[0].get(wave) and hashes[0].get(wave) == hashes[1].get(wave):
            found[wave] = 0.0
        elif kept[0][wave].replace(",", "").isdigit() and kept[1][wave].replace(",", "").isdigit():
            fewer = int(kept[0][wave].replace(",", "")) - int(kept[1][wave].replace(",", ""))
            found |= {wave: float(fewer)} if fewer >= 0 else {}
    return found
