"""What cannot be told apart, found from ids and codes before any model is fitted.

The severity ``warning`` marks what no wave resolves; ``note`` what another wave resolves, or what
is only said so that nobody is surprised.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.parts import Analysis
from mlm.nouns.candidates import main_variables
from mlm.nouns.fewest import FEWEST_OCCASIONS, FEWEST_RANKED
from mlm.nouns.formula import parse_term
from mlm.nouns.hierarchy import are_one
from mlm.nouns.levels import ROW, WAVE
from mlm.results.survey.separability import (
    AnyDoubt,
    Blended,
    CodesReused,
    FewGroups,
    FewOccasions,
    OneChild,
    OneChildInWave,
    OneGroup,
)
from mlm.rows.linking.aliasing import aliasing_doubts
from mlm.rows.linking.design_checks import units_that_changed
from mlm.rows.linking.hierarchy_account import children_of, levels_of, path_inside
from mlm.rows.linking.survey_rows import SurveyRows, n_different

FEW_CHANGED = 0.01
"""Share of the persons up to which a category that changes for them tells groups of persons."""

SHARED_CODES = 0.5
"""Share of a level's codes under several parents from which they count as reused."""


def identifiability_doubts(configuration: Configuration, rows: SurveyRows) -> tuple[AnyDoubt, ...]:
    """All doubts, from the top of the hierarchy to the variables.

    Source
    ------
    Searle, Casella and McCulloch (1992), chapter 3: a nested variance component is identified when
    some group has two children and some child two of its own.
    """
    return (
        *_single_children(configuration, rows),
        *_few_groups(configuration, rows),
        *_reused_codes(configuration, rows),
        *aliasing_doubts(configuration, rows),
        *_few_occasions(configuration, rows),
        *_blended(configuration, rows),
    )


def _single_children(
    configuration: Configuration, rows: SurveyRows
) -> Iterator[OneChild | OneChildInWave]:
    for level, child in itertools.pairwise(levels_of(configuration)):
        outer = rows.unit(level.ids)
        inner = rows.unit(path_inside(level, child)) if child.ids else None
        groups = int(outer.max()) + 1
        children = len(rows) if inner is None else int(inner.max()) + 1
        if are_one(groups, children):
            yield OneChild(
                severity="warning", level=level, child=child, groups=groups, children=children
            )
            continue
        if WAVE not in level.ids:
            continue
        alone = [
            wave
            for i, wave in enumerate(configuration.wave_names)
            if are_one(*_numbers_in_wave(rows, outer, inner, i))
        ]
        if alone:
            yield OneChildInWave(severity="note", level=level, child=child, waves=tuple(alone))


def _numbers_in_wave(
    rows: SurveyRows, outer: np.ndarray, inner: np.ndarray | None, wave: int
) -> tuple[int, int]:
    """Units in a wave, and their children, which are rows where none are given."""
    part = rows.part(wave)
    children = int(rows.rows_of_wave[wave]) if inner is None else n_different(inner[part])
    return n_different(outer[part]), children


def _few_groups(configuration: Configuration, rows: SurveyRows) -> Iterator[FewGroups | OneGroup]:
    for level in levels_of(configuration)[:-1]:
        groups = int(rows.unit(level.ids).max()) + 1
        if groups == 1:
            yield OneGroup(severity="warning", level=level)
        elif groups < FEWEST_RANKED:
            yield FewGroups(severity="warning", level=level, groups=groups, needed=FEWEST_RANKED)


def _reused_codes(configuration: Configuration, rows: SurveyRows) -> Iterator[CodesReused]:
    names = configuration.level_names
    for i, level in enumerate(configuration.levels[1:-1], start=1):
        if level.ids is not None or level.crossed is not None:
            continue
        parents = children_of(rows.ids(level.name).codes, rows.unit(names[: i + 1]))
        reused = int((parents > 1).sum())
        if reused > SHARED_CODES * len(parents):
            yield CodesReused(
                severity="note",
                level=level.name,
                parent=names[i - 1],
                reused=reused,
                codes=len(parents),
                units=int(parents.sum()),
            )


def _few_occasions(configuration: Configuration, rows: SurveyRows) -> Iterator[FewOccasions]:
    if not configuration.design.follows_lowest:
        return
    level = levels_of(configuration)[-2]
    occasions = np.bincount(rows.unit(level.ids), rows.rows)
    slopes = {
        name
        for analysis in configuration.analyses.values()
        for name in analysis.slopes or ()
        if configuration.variables[name].level == ROW
    }
    enough = int((occasions >= FEWEST_OCCASIONS).sum())
    if slopes and enough < FEWEST_RANKED:
        yield FewOccasions(
            severity="warning",
            level=level,
            groups=enough,
            rows_needed=FEWEST_OCCASIONS,
            slopes=tuple(sorted(slopes)),
        )


def _blended(configuration: Configuration, rows: SurveyRows) -> Iterator[Blended]:
    """Categories of followed persons that change, and that an analysis does not split.

    Source
    ------
    Raudenbush and Bryk (2002), Hierarchical Linear Models, 2nd ed., pp. 135-141: an unsplit
    coefficient is a weighted mean of that within units and that between them.
    """
    if not configuration.design.follows_lowest:
        return
    level = configuration.level_names[-1]
    unit = rows.unit(configuration.unit_path(level))
    analyses = configuration.analyses.values()
    names = {name for analysis in analyses for name in _unsplit(configuration, analysis)}
    for name in (name for name in configuration.variables if name in names):
        changed, compared = units_that_changed(rows, unit, name)
        if changed > FEW_CHANGED * compared:
            yield Blended(severity="warning", variable=name, level=level)


def _unsplit(configuration: Configuration, analysis: Analysis) -> Iterator[str]:
    """Categories of rows among the terms, but for policies, whose effect is one and not two."""
    for name in main_variables(parse_term(text) for text in analysis.terms):
        variable = configuration.variables.get(name)
        if variable is None or not variable.is_category or variable.level != ROW:
            continue
        if name not in analysis.between and name not in analysis.policy:
            yield name
