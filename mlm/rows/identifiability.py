"""What cannot be told apart, found from ids and codes before any model is fitted.

A note names the kind, the level, the counts, what follows for the models, and what data would cure
it. ``warning`` marks what no wave resolves; ``note`` what another wave resolves, or what is only
said so that nobody is surprised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from mlm.rows.configuration.models import Configuration
from mlm.rows.configuration.names import parse_term
from mlm.rows.hierarchy_account import RESIDUAL, WAVE, group_keys

ALMOST_ALL = 0.02
"""Extra children over groups up to which a level is one with the level below it."""

FEW_GROUPS = 10
"""Groups of a level below which its variance is hardly determined."""

MIN_OCCASIONS = 3
"""Rows of a pupil that a slope over pupils needs."""

SHARED_CODES = 0.5
"""Share of a level's codes under several parents from which they count as reused."""


def identifiability_notes(
    configuration: Configuration, tables: Mapping[str, pd.DataFrame]
) -> list[dict]:
    """All notes, from the top of the hierarchy to the variables.

    Source
    ------
    Searle, Casella and McCulloch (1992), chapter 3: a nested variance component is identified when
    some group has two children and some child two of its own.
    """
    keys = group_keys(configuration, tables)
    wave = np.repeat(np.arange(len(tables)), [len(table) for table in tables.values()])
    return [
        *_single_children(configuration, keys, wave),
        *_few_groups(configuration, keys),
        *_reused_codes(configuration, tables),
        *_saturated(configuration, tables),
        *_constant_in_waves(configuration, tables),
        *_aliased_numbers(configuration, tables),
        *_few_occasions(configuration, keys),
    ]


def _note(kind: str, severity: str, level: str, detail: str, **facts) -> dict:
    return {"kind": kind, "severity": severity, "level": level, "detail": detail, **facts}


def _is_one(groups: int, children: int) -> bool:
    return children - groups <= ALMOST_ALL * groups


def _single_children(
    configuration: Configuration, keys: Mapping[str, np.ndarray], wave: np.ndarray
) -> Iterator[dict]:
    pairs = configuration.groups
    for (level, group), (child, child_group) in zip(pairs, pairs[1:], strict=False):
        outer = keys[group]
        inner = keys.get(child_group, np.arange(len(outer)))
        groups, children = int(outer.max()) + 1, int(inner.max()) + 1
        names = _shown(configuration, level), _shown(configuration, child)
        if _is_one(groups, children):
            yield _note(
                "one_child",
                "warning",
                level,
                f"{groups} {names[0]} units have {children} {names[1]} units: the two cannot be "
                f"told apart and are fitted as one; several {names[1]} units in a {names[0]} "
                "would tell them apart",
                child=child,
                groups=groups,
                children=children,
            )
            continue
        if WAVE not in group.split(":"):
            continue
        alone = [i for i in range(wave[-1] + 1) if _is_one(*_numbers(outer, inner, wave == i))]
        if alone:
            waves = [configuration.wave_names[i] for i in alone]
            yield _note(
                "one_child_in_wave",
                "note",
                level,
                f"in wave {', '.join(waves)} alone, {names[0]} and {names[1]} cannot be told "
                "apart (one in each); the other waves make them separable",
                child=child,
                waves=waves,
            )


def _numbers(outer: np.ndarray, inner: np.ndarray, rows: np.ndarray) -> tuple[int, int]:
    return tuple(int(np.count_nonzero(np.bincount(code[rows]))) for code in (outer, inner))


def _shown(configuration: Configuration, level: str) -> str:
    return f"{configuration.time_below} in {WAVE}" if level == WAVE else level


def _few_groups(configuration: Configuration, keys: Mapping[str, np.ndarray]) -> Iterator[dict]:
    for level, group in configuration.groups:
        if group == RESIDUAL:
            continue
        groups = int(keys[group].max()) + 1
        if groups < FEW_GROUPS:
            shown = _shown(configuration, level)
            yield _note(
                "few_groups",
                "warning",
                level,
                f"{groups} {shown} units: their variance is hardly determined, and they are not "
                f"ranked; {FEW_GROUPS} or more are needed",
                groups=groups,
            )


def _reused_codes(
    configuration: Configuration, tables: Mapping[str, pd.DataFrame]
) -> Iterator[dict]:
    names = configuration.level_names
    for i, level in enumerate(configuration.levels[1:-1], start=1):
        if level.ids is not None:
            continue
        path = list(names[: i + 1])
        pairs = pd.concat([table[path].drop_duplicates() for table in tables.values()])
        pairs = pairs.drop_duplicates()
        parents = pairs.groupby(level.name, sort=False).size()
        reused = int((parents > 1).sum())
        if reused > SHARED_CODES * len(parents):
            yield _note(
                "codes_reused",
                "note",
                level.name,
                f"{reused} of {len(parents)} {level.name} codes occur under several "
                f"{names[i - 1]} units: each is another {level.name} there ({len(pairs)} in all); "
                "declare 'ids: local' if that is meant",
                codes=len(parents),
                units=len(pairs),
            )


def _terms(configuration: Configuration) -> list[str]:
    found: dict[str, None] = {}
    for analysis in configuration.analyses.values():
        for text in analysis.terms:
            found.update(dict.fromkeys(parse_term(text).variables))
    return list(found)


def _saturated(configuration: Configuration, tables: Mapping[str, pd.DataFrame]) -> Iterator[dict]:
    """Categories that name almost every unit of the level whose variance they stand beside."""
    for name in _terms(configuration):
        variable = configuration.variables[name]
        if not variable.is_category or variable.level == "row":
            continue
        depth = configuration.depth(variable.level)
        path = list(configuration.level_names[: depth + 1])
        pairs = pd.concat([t[[*path, name]].dropna().drop_duplicates() for t in tables.values()])
        groups, used = len(pairs[path].drop_duplicates()), pairs[name].nunique()
        if groups > 2 and used >= groups - 1:
            yield _note(
                "saturated",
                "warning",
                variable.level,
                f"{name} has {used} categories for {groups} {variable.level} units: it takes up "
                f"all differences between them, and nothing is left for their variance; group the "
                "categories, or leave the variable out",
                variable=name,
                groups=groups,
            )


def _constant_in_waves(
    configuration: Configuration, tables: Mapping[str, pd.DataFrame]
) -> Iterator[dict]:
    """Variables that have one value in each wave: they are time under another name."""
    if len(tables) < 2:
        return
    for name in _terms(configuration):
        if all(table[name].nunique() <= 1 for table in tables.values()):
            yield _note(
                "constant_in_wave",
                "warning",
                "time",
                f"{name} has one value in each wave: its effect cannot be told from that of time; "
                "leave it out of the terms",
                variable=name,
            )


def _aliased_numbers(
    configuration: Configuration, tables: Mapping[str, pd.DataFrame]
) -> Iterator[dict]:
    """Pairs of numbers of which, within each wave, one follows from the other (grade, cohort)."""
    names = [n for n in _terms(configuration) if not configuration.variables[n].is_category]
    if len(names) < 2:
        return
    always: np.ndarray | None = None
    for table in tables.values():
        rows = table[names].dropna().to_numpy(dtype=float)
        if len(rows) < 3:
            return
        spread = rows.std(axis=0)
        spread[spread == 0] = np.inf
        scores = (rows - rows.mean(axis=0)) / spread
        same = np.abs(scores.T @ scores / len(rows)) > 1 - 1e-10
        always = same if always is None else always & same
    for i, j in zip(*np.nonzero(np.triu(always, 1)), strict=True):
        yield _note(
            "aliased",
            "warning",
            "row",
            f"within each wave {names[j]} follows from {names[i]} (as wave, grade and cohort do): "
            "with time in the model their effects cannot be told apart; leave one of them out",
            variables=[names[i], names[j]],
        )


def _few_occasions(configuration: Configuration, keys: Mapping[str, np.ndarray]) -> Iterator[dict]:
    if configuration.design != "same_pupils":
        return
    level, group = configuration.groups[-2]
    rows = np.bincount(keys[group])
    slopes = {
        name
        for analysis in configuration.analyses.values()
        for name in analysis.slopes or ()
        if configuration.variables[name].level == "row"
    }
    enough = int((rows >= MIN_OCCASIONS).sum())
    if slopes and enough < FEW_GROUPS:
        yield _note(
            "few_occasions",
            "warning",
            level,
            f"{enough} {level} units have {MIN_OCCASIONS} rows or more: the slopes of "
            f"{', '.join(sorted(slopes))} over {level} units cannot be told from the residual; "
            "further waves would tell them apart",
            groups=enough,
        )
