"""What cannot be told apart, found from ids and codes before any model is fitted.

A note names the kind, the level, the counts, what follows for the models, and what data would cure
it. ``warning`` marks what no wave resolves; ``note`` what another wave resolves, or what is only
said so that nobody is surprised.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from mlm.configuration.models import Configuration
from mlm.nouns.hierarchy import are_one
from mlm.nouns.levels import ROW
from mlm.rows.linking.aliasing import aliasing_notes, note
from mlm.rows.linking.hierarchy_account import children_of
from mlm.rows.linking.survey_rows import SurveyRows

FEW_GROUPS = 10
"""Groups of a level below which its variance is hardly determined."""

MIN_OCCASIONS = 3
"""Rows of a pupil that a slope over pupils needs."""

SHARED_CODES = 0.5
"""Share of a level's codes under several parents from which they count as reused."""


def identifiability_notes(configuration: Configuration, rows: SurveyRows) -> list[dict]:
    """All notes, from the top of the hierarchy to the variables.

    Source
    ------
    Searle, Casella and McCulloch (1992), chapter 3: a nested variance component is identified when
    some group has two children and some child two of its own.
    """
    return [
        *_single_children(configuration, rows),
        *_few_groups(configuration, rows),
        *_reused_codes(configuration, rows),
        *aliasing_notes(configuration, rows),
        *_few_occasions(configuration, rows),
    ]


def _single_children(configuration: Configuration, rows: SurveyRows) -> Iterator[dict]:
    for level, child in itertools.pairwise(configuration.model_levels):
        outer = rows.unit(level.group)
        inner = np.arange(len(rows)) if child.is_residual else rows.unit(child.group)
        groups, children = int(outer.max()) + 1, int(inner.max()) + 1
        names = level.name, child.name
        if are_one(groups, children):
            yield note(
                "one_child",
                "warning",
                level.place,
                f"{groups} {names[0]} units have {children} {names[1]} units: the two cannot be "
                f"told apart and are fitted as one; several {names[1]} units in a {names[0]} "
                "would tell them apart",
                child=child.place,
                groups=groups,
                children=children,
            )
            continue
        if not level.has_wave:
            continue
        parts = map(rows.part, range(len(rows.waves)))
        alone = [i for i, part in enumerate(parts) if are_one(*_numbers(outer[part], inner[part]))]
        if alone:
            waves = [configuration.wave_names[i] for i in alone]
            yield note(
                "one_child_in_wave",
                "note",
                level.place,
                f"in wave {', '.join(waves)} alone, {names[0]} and {names[1]} cannot be told "
                "apart (one in each); the other waves make them separable",
                child=child.place,
                waves=waves,
            )


def _numbers(outer: np.ndarray, inner: np.ndarray) -> tuple[int, int]:
    return tuple(int(np.count_nonzero(np.bincount(code))) for code in (outer, inner))


def _few_groups(configuration: Configuration, rows: SurveyRows) -> Iterator[dict]:
    for level in configuration.model_levels[:-1]:
        groups = int(rows.unit(level.group).max()) + 1
        if groups < FEW_GROUPS:
            yield note(
                "few_groups",
                "warning",
                level.place,
                f"{groups} {level.name} units: their variance is hardly determined, and they are "
                f"not ranked; {FEW_GROUPS} or more are needed",
                groups=groups,
            )


def _reused_codes(configuration: Configuration, rows: SurveyRows) -> Iterator[dict]:
    names = configuration.level_names
    for i, level in enumerate(configuration.levels[1:-1], start=1):
        if level.ids is not None:
            continue
        parents = children_of(rows.ids(level.name).codes, rows.unit(names[: i + 1]))
        reused = int((parents > 1).sum())
        if reused > SHARED_CODES * len(parents):
            yield note(
                "codes_reused",
                "note",
                level.name,
                f"{reused} of {len(parents)} {level.name} codes occur under several "
                f"{names[i - 1]} units: each is another {level.name} there "
                f"({parents.sum()} in all); declare 'ids: local' if that is meant",
                codes=len(parents),
                units=int(parents.sum()),
            )


def _few_occasions(configuration: Configuration, rows: SurveyRows) -> Iterator[dict]:
    if not configuration.design.follows_lowest:
        return
    level = configuration.model_levels[-2]
    occasions = np.bincount(rows.unit(level.group))
    slopes = {
        name
        for analysis in configuration.analyses.values()
        for name in analysis.slopes or ()
        if configuration.variables[name].level == ROW
    }
    enough = int((occasions >= MIN_OCCASIONS).sum())
    if slopes and enough < FEW_GROUPS:
        yield note(
            "few_occasions",
            "warning",
            level.place,
            f"{enough} {level.unit} units have {MIN_OCCASIONS} rows or more: the slopes of "
            f"{', '.join(sorted(slopes))} over {level.unit} units cannot be told from the "
            "residual; further waves would tell them apart",
            groups=enough,
        )
