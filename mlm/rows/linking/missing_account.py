"""The account of missing covariates: by variable, wave and pattern, and what rows lack them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.results.survey.missing_covariates import (
    LackingInWave,
    LackingVariable,
    MissingCovariates,
    MissingPattern,
    PatternsOfAnalysis,
)
from mlm.rows.linking.missing_differences import RowsCompared
from mlm.rows.linking.missing_patterns import (
    PatternCounts,
    answer_of_patterns,
    covariates_of,
    pattern_counts,
)
from mlm.rows.linking.survey_rows import SurveyRows, n_different


def missing_covariates(
    configuration: Configuration, rows: SurveyRows
) -> Iterator[MissingCovariates]:
    """What rows with an outcome lack, for each outcome of the analyses.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Cleaned rows of all waves; of an outcome known by plausible values the first is looked at.
    """
    for outcome, analyses in covariates_of(configuration):
        names, levels = _counted(configuration, rows, analyses)
        found = pattern_counts(configuration, rows, outcome, names, levels)
        compared = RowsCompared(found)
        yield MissingCovariates(
            outcome=outcome,
            variables=tuple(
                LackingVariable(
                    variable=name,
                    level=configuration.variables[name].level,
                    by_wave=tuple(_by_wave(configuration, rows, found, name)),
                    unlike=tuple(compared.unlike(name)),
                )
                for name in found.incomplete
            ),
            analyses=tuple(
                _patterns(configuration, found, analysis, used)
                for analysis, used in analyses.items()
            ),
        )


def answers_of_patterns(
    configuration: Configuration, rows: SurveyRows
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """What a wave read by itself answers for the rows of each outcome."""
    for outcome, analyses in covariates_of(configuration):
        names, levels = _counted(configuration, rows, analyses)
        yield answer_of_patterns(configuration, rows, outcome, names, levels)


def _counted(
    configuration: Configuration, rows: SurveyRows, analyses: Mapping[str, Sequence[str]]
) -> tuple[list[str], list[str]]:
    """Covariates of some analyses, and the levels whose units are counted."""
    names = list(dict.fromkeys(name for used in analyses.values() for name in used))
    levels = {configuration.variables[name].level for name in names}
    counted = levels | {_level_counted(configuration)}
    return names, [name for name in rows.held if name in counted]


def _by_wave(
    configuration: Configuration, rows: SurveyRows, found: PatternCounts, name: str
) -> Iterator[LackingInWave]:
    """Rows, and units of the variable's level, that lack it in each wave."""
    level, lacks = configuration.variables[name].level, found.lacks(name)
    for wave, label in enumerate(rows.waves):
        n_rows, with_outcome = int(found.rows[wave, lacks].sum()), int(found.rows[wave].sum())
        groups, units = n_rows, with_outcome  # of what is a row
        if level in found.pairs:
            unit, pattern = found.pairs[level][wave]
            groups, units = n_different(unit[lacks[pattern]]), n_different(unit)
        yield LackingInWave(
            wave=label, rows=n_rows, with_outcome=with_outcome, groups=groups, units=units
        )


def _patterns(
    configuration: Configuration, found: PatternCounts, analysis: str, covariates: Sequence[str]
) -> PatternsOfAnalysis:
    """Rows and units by the covariates of an analysis that they lack, most rows first."""
    names = [name for name in covariates if name in found.incomplete]
    level = _level_counted(configuration)
    pattern, lacking = found.among(names)
    sizes = np.bincount(pattern, found.rows.sum(axis=0), len(lacking)).astype(np.int64)
    groups = found.units_by_pattern(level, pattern, len(lacking))
    return PatternsOfAnalysis(
        analysis=analysis,
        level=level,
        patterns=tuple(
            MissingPattern(
                variables=tuple(np.array(names, dtype=object)[lacking[k]].tolist()),
                rows=int(sizes[k]),
                groups=int(groups[k]),
            )
            for k in np.argsort(-sizes, kind="stable")
            if sizes[k]
        ),
    )


def _level_counted(configuration: Configuration) -> str:
    """The lowest level above those whose units are persons or of one wave and crossed."""
    left_out = {*configuration.persons, *configuration.crossing_levels}
    above = [name for name in configuration.level_names[:-1] if name not in left_out]
    return above[-1] if above else configuration.level_names[0]
