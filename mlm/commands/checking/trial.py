"""A run tried up to the first fit, on waves that were just cleaned. Layer: commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.results.coefficient import Term
    from mlm.rows.cleaning.clean_wave import CleanWave
    from mlm.statistics.evidence.crossproducts import CrossProducts
    from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel


MOST_NUMBERS = 1 << 26
"""Sums of units (512 MB) up to which a trial makes them; a run keeps them in files."""


@dataclass
class Trial:
    """What the stages after cleaning and linking would say, up to the first fit.

    Attributes
    ----------
    problems : list of str
        What would stop a run.
    aliased : dict of str to tuple of Term
        Coefficients that each analysis would leave out.
    changes : dict of str to tuple of MergedLevel or LeftOutLevel
        Levels that each analysis would fit as one, or leave out.
    samples : dict of str to CrossProducts
        Cross-products of all waves, by analysis; none where a wave is lacking.
    with_units : bool
        Whether they hold the sums of units.
    rows : int
        Cleaned rows of all waves.
    """

    problems: list[str] = field(default_factory=list)
    aliased: dict[str, tuple[Term, ...]] = field(default_factory=dict)
    changes: dict[str, tuple[MergedLevel | LeftOutLevel, ...]] = field(default_factory=dict)
    samples: dict[str, CrossProducts] = field(default_factory=dict)
    with_units: bool = True
    rows: int = 0


def tried(configuration: Configuration, waves: Mapping[str, CleanWave]) -> Trial:
    """The stages columns, accumulate, merge and the beginning of analyse; of a sample, the last.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    waves : mapping of str to CleanWave
        Waves that could be cleaned, the others being left out.
    """
    from mlm.configuration.planning import plan_of
    from mlm.errors import MLMError
    from mlm.statistics.answers.claims import check_claims
    from mlm.statistics.evidence.merging import merge_waves

    rows = sum(len(cleaned.units.rows) for cleaned in waves.values())
    found = Trial(with_units=rows * _columns(configuration) <= MOST_NUMBERS, rows=rows)
    if configuration.is_sampled and found.with_units:
        return _of_sample(configuration, waves, found)
    sums = _sums(configuration, waves, found.with_units)
    for error in (made for made in sums.values() if isinstance(made, MLMError)):
        found.problems += getattr(error, "problems", [str(error)])
    if found.problems or len(sums) < len(configuration.waves):
        return found
    for name in configuration.analyses:
        plan = plan_of(configuration, name)
        try:
            merged = merge_waves(plan, {wave: made[name] for wave, made in sums.items()})
            found.samples[name], claims = merged, check_claims(plan, merged)
            found.aliased[name], found.changes[name] = claims.aliased, claims.changes
        except MLMError as error:
            found.problems.append(str(error))
    return found


def _of_sample(configuration: Configuration, waves: Mapping[str, CleanWave], found: Trial) -> Trial:
    """The rows of all waves as the analysis of a sample reads them, up to its first fit."""
    from mlm.configuration.planning import plan_of
    from mlm.errors import MLMError
    from mlm.rows.accumulating.record_rows import RecordRows
    from mlm.rows.accumulating.sample_statistics import SampleStatistics
    from mlm.statistics.answers.claims import check_claims
    from mlm.statistics.answers.sampled.analysis import plan_of_draw
    from mlm.statistics.pooling.copies import refuse_copies

    if len(waves) < len(configuration.waves):
        return found
    sources = {wave: RecordRows(own, len(own.units.rows)) for wave, own in waves.items()}
    for name in configuration.analyses:
        plan = plan_of(configuration, name)
        try:
            sample = SampleStatistics(plan, sources)
            stats = sample.unweighted()
            for score in plan.sampling.scores:
                refuse_copies(score, stats)
            claims = check_claims(replace(plan_of_draw(plan, 0), pupil_interactions=False), stats)
        except MLMError as error:
            texts = getattr(error, "problems", [str(error)])
            found.problems += [f"analysis {name}: {text}" for text in texts]
            continue
        found.samples[name] = stats
        found.aliased[name], found.changes[name] = claims.aliased, claims.changes
    return found


def _sums(
    configuration: Configuration, waves: Mapping[str, CleanWave], units: bool
) -> dict[str, dict[str, CrossProducts] | Exception]:
    """Cross-products of each wave by analysis, or why there are none."""
    from mlm.errors import MLMError
    from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey

    found: dict[str, dict[str, CrossProducts] | Exception] = {}
    columns = None
    for wave, cleaned in waves.items():
        try:
            columns = columns or columns_of_survey(configuration, cleaned)
            found[wave] = accumulate_wave(configuration, wave, cleaned, columns, units=units)
        except MLMError as error:
            found[wave] = error
    return found


def _columns(configuration: Configuration) -> int:
    """Columns of all analyses: at most as many sums are made of each row's units."""
    from mlm.configuration.planning import plan_of
    from mlm.rows.accumulating.wave_statistics import unscaled

    plans = [plan_of(configuration, name) for name in configuration.analyses]
    return sum(len(plan.row_columns(unscaled(configuration))) for plan in plans)
