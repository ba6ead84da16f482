"""The sample over all waves: weights, clusters, strata and replicates that are not of its design.

They are those of a pass that an analysis makes, of the rows that have a weight.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.sampled.planning import level_key, row_weight, sampling_design
from mlm.errors import FIRST_CASES, LonePairs, SamplingError, SurveyError, listed
from mlm.nouns.coding import code_terms, columns_of
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.levels import ROW, WAVE
from mlm.nouns.model import Term
from mlm.nouns.sampling import SamplingDesign
from mlm.results.survey.checks import LighterRows
from mlm.rows.accumulating.joined_rows import JoinedRows
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sampling.first_pass import weighed
from mlm.rows.accumulating.sampling.group_weights import SAME_WEIGHT
from mlm.rows.linking.survey_rows import SurveyRows, n_different
from mlm.rows.replicating.alignment import refuse_wrong_columns
from mlm.rows.replicating.replicate_rows import replicates_of_rows

FEWEST_IN_UNIT = 1.5  # rows of a unit on average, from which it has several


def sample_problems(configuration: Configuration, rows: SurveyRows) -> list[str]:
    """What contradicts the design of the sample; nothing where there is none.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Its cleaned rows.
    """
    design = sampling_design(configuration)
    if design is None:
        return []
    problems = [*_of_occasions(configuration, rows), *_of_weights(configuration, rows, design)]
    if not problems and design.replicates is not None:
        problems += _of_replicates(configuration, rows, design)
    return problems


def lighter_rows(configuration: Configuration, rows: SurveyRows) -> list[LighterRows]:
    """Rows whose overall weight is smaller than that of the unit around them, by wave.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Its cleaned rows; those with both weights count.
    """
    sampling = configuration.sampling
    if sampling is None or sampling.weights_are != "overall":
        return []
    known = {level_key(configuration, level): e.column for level, e in sampling.weights.items()}
    inner = [level for level in configuration.level_names if level in known]
    if ROW not in known or not inner:
        return []
    level = inner[-1]
    columns = (known[ROW], known[level])
    found = (_lighter(configuration, rows, level, columns, i) for i in range(len(rows.waves)))
    return [check for check in found if check.rows]


def _lighter(
    configuration: Configuration,
    rows: SurveyRows,
    level: str,
    columns: tuple[str, str],
    wave: int,
) -> LighterRows:
    light, of, first = 0, 0, dict[str, None]()
    ids = rows.ids(level)
    for entry, (own, around) in rows.entry_blocks(columns, wave):
        counts = (own > 0.0) & (around > 0.0)
        is_light = counts & (own < around * (1.0 - SAME_WEIGHT))
        light, of = light + int(is_light.sum()), of + int(counts.sum())
        if len(first) < FIRST_CASES:
            units = np.unique(ids.codes[entry[is_light]])[:FIRST_CASES]
            first.update((ids.texts[int(unit)].as_py(), None) for unit in units)
    are_persons = level in configuration.persons or level == configuration.level_names[-1]
    return LighterRows(
        result="warning",
        variable=columns[0],
        level=level,
        around=columns[1],
        wave=rows.waves[wave],
        rows=light,
        of=of,
        ids=() if are_persons else tuple(first)[:FIRST_CASES],
    )


def _too_light(configuration: Configuration, checks: Sequence[LighterRows]) -> Iterator[str]:
    """The same where they are so many that the weights are not those that are claimed."""
    for check in checks:
        wave = configuration.wave(check.wave)
        cases = f"; first in {check.level} {listed(check.ids)}" if check.ids else ""
        yield (
            f"sampling: weights: wave {check.wave} ({listed(wave.files)}): {check.rows:,} of "
            f"{check.of:,} rows have a smaller weight ({check.variable}) than the {check.level} "
            f"that they are in ({check.around}){cases}. Overall weights are never smaller, as a "
            f"row is in the sample at most as often as its {check.level}. If {check.variable} is "
            f"the weight inside the {check.level} alone, write 'weights_are: conditional' under "
            "'sampling'; else correct the columns"
        )


def _joined(rows: SurveyRows) -> JoinedRows:
    """The rows of all waves."""
    waves = {name: rows.source(wave) for wave, name in enumerate(rows.waves)}
    return JoinedRows(waves, {name: {WAVE: name} for name in waves}, {WAVE: rows.waves})


def _of_occasions(configuration: Configuration, rows: SurveyRows) -> Iterator[str]:
    """Weights of occasions that are those of the followed units that they are of."""
    weights, lowest = configuration.sampling.weights, configuration.level_names[-1]
    if not configuration.design.follows_lowest or ROW not in weights or lowest in weights:
        return
    name = weights[ROW].column
    unit = rows.unit(configuration.unit_path(lowest))
    low, high = np.full(unit.max() + 1, np.inf), np.full(unit.max() + 1, -np.inf)
    for wave in range(len(rows.waves)):
        for entry, (values,) in rows.entry_blocks([name], wave):
            np.fmin.at(low, unit[entry], values)
            np.fmax.at(high, unit[entry], values)
    several = np.bincount(unit, rows.rows) > 1
    if several.any() and (low[several] >= high[several]).all():
        plural = configuration.level(lowest).plural or f"{lowest}s"
        yield (
            f"{name}, the weight of occasions (row), is the same in all occasions of each of "
            f"{np.count_nonzero(several)} {plural} seen several times: it is that of the {lowest}, "
            f"and would be scaled away inside it. Write weights: {{{lowest}: {name}}}"
        )


def _of_weights(
    configuration: Configuration, rows: SurveyRows, design: SamplingDesign
) -> list[str]:
    """Weights that differ inside units, rows lighter than their unit, clusters out of place."""
    groups = [level.group for level in configuration.model_levels if level.group]
    constant = columns_of(code_terms((Term(),), {}), {}, {})
    wanted = Wanted(
        constant,
        Hierarchy.of([(group, []) for group in groups]),
        design=replace(design.of_models(groups), replicates=None, standard_errors=None),
    )
    try:
        weighed(_joined(rows), wanted)
    except SurveyError as error:
        lighter = lighter_rows(configuration, rows) if _is_of_rows(error) else []
        return [*_too_light(configuration, lighter)] or list(error.problems)
    return []


def _is_of_rows(error: SurveyError) -> bool:
    """Whether nothing is wrong but that units or rows are lighter than what is around them."""
    return isinstance(error, SamplingError) and set(error.kinds) == {"lighter_than_unit"}


def _of_replicates(
    configuration: Configuration, rows: SurveyRows, design: SamplingDesign
) -> Iterator[str]:
    """Replicates that cannot be made, or whose weights are not those of the sample of a wave."""
    known = design.replicates
    if not known.columns:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", LonePairs)  # told in the results
                replicates_of_rows(_joined(rows), known)
        except SurveyError as error:
            yield from error.problems
        return
    weight = row_weight(configuration)
    for wave, name in enumerate(rows.waves):
        clusters = design.psu_ids or _innermost(configuration, rows, wave)
        try:
            is_psu = bool(design.psu_ids)
            refuse_wrong_columns(rows.source(wave), clusters, weight, known, is_psu, WAVE)
        except SurveyError as error:
            yield from (f"wave {name}: {problem}" for problem in error.problems)


def _innermost(configuration: Configuration, rows: SurveyRows, wave: int) -> tuple[str, ...]:
    """Ids of the innermost units that have several rows in a wave; clusters hold them whole."""
    groups = [level.group for level in configuration.model_levels if level.group]
    for group in reversed(groups):
        ids = tuple(name for name in group if name != WAVE)
        units = rows.unit(ids)[rows.part(wave)]
        if ids and rows.rows_of_wave[wave] >= FEWEST_IN_UNIT * n_different(units):
            return ids
    return groups[0]
