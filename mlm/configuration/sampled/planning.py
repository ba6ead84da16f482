"""From a configuration to what one of its analyses knows of the sample."""

from __future__ import annotations

from mlm.configuration.models import Configuration
from mlm.configuration.names import parse_term
from mlm.configuration.parts import Analysis
from mlm.configuration.sampled.keys import (
    TO,
    MatchedErrors,
    NamedColumn,
    Sampling,
    SurveyReplicates,
)
from mlm.nouns.levels import ROW, WAVE
from mlm.nouns.plausible_values import PlausibleValues
from mlm.nouns.replicates import Replicates
from mlm.nouns.sampled_plan import SampledPlan
from mlm.nouns.sampling import SamplingDesign


def sampled_plan_of(configuration: Configuration, analysis: Analysis) -> SampledPlan | None:
    """What an analysis knows of the sample; None where all that is known are the rows."""
    if not configuration.is_sampled:
        return None
    terms = dict.fromkeys(v for text in analysis.terms for v in parse_term(text).variables)
    named = [n for n in (analysis.outcome, *terms) if n in configuration.plausible_values]
    cuts = configuration.minimum_proficiency.get(analysis.outcome, {})
    links = configuration.linking_error.get(analysis.outcome, {})
    return SampledPlan(
        design=sampling_design(configuration),
        scores=tuple(score_of(configuration, name) for name in named),
        cuts=dict(sorted(cuts.items(), key=lambda item: item[1])),
        linking_errors={tuple(pair.split(TO)): error for pair, error in links.items()},
    )


def score_of(configuration: Configuration, name: str) -> PlausibleValues:
    """The plausible values of a variable, by their columns of the clean tables.

    Raises
    ------
    ModelError
        When there are fewer than two columns, or one of them twice.
    """
    entry = configuration.plausible_values[name]
    if entry.nests is None:
        return PlausibleValues(name, entry.columns, describe_units=entry.describe_units)
    size = max(1, len(entry.columns) // entry.nests)
    starts = range(0, len(entry.columns), size)
    nests = [entry.columns[i : i + size] for i in starts]
    return PlausibleValues(name, nests, describe_units=entry.describe_units)


def sampling_design(configuration: Configuration) -> SamplingDesign | None:
    """How the sample was drawn, by columns of the clean tables and grouping factors of the models.

    Raises
    ------
    ModelError
        When the keys make no design.
    """
    sampling = configuration.sampling
    if sampling is None:
        return None
    mean = {configuration.level_names[-2]} if sampling.school_weight else ()
    errors = sampling.standard_errors
    return SamplingDesign(
        weights=_weights(configuration, sampling),
        are=sampling.weights_are,
        scaling=sampling.scaling,
        psu=_psu(configuration, sampling),
        strata=_in_wave(configuration, sampling.strata),
        mean_weights=tuple(mean),
        wave=WAVE if len(configuration.waves) > 1 else None,
        replicates=_replicates(configuration, sampling.replicates),
        standard_errors={"match": errors.match} if isinstance(errors, MatchedErrors) else errors,
    )


def _weights(configuration: Configuration, sampling: Sampling) -> dict[str, str]:
    """Columns of weights by grouping factor.

    Replicates are those of rows: occasions of followed units, which are in the sample where these
    are, then have their weight.
    """
    known = {level_key(configuration, k): entry.column for k, entry in sampling.weights.items()}
    lowest = known.get(configuration.level_names[-1])
    replicated = sampling.replicates is not None and sampling.replicates.columns is not None
    if replicated and lowest is not None and sampling.weights_are == "overall":
        known.setdefault(ROW, lowest)
    return known


def level_key(configuration: Configuration, level: str) -> str:
    """Grouping factor of a level by which weights are given: the lowest units are the rows."""
    is_lowest = level == configuration.level_names[-1]
    return ROW if is_lowest and not configuration.design.follows_lowest else level


def row_weight(configuration: Configuration) -> str | None:
    """Column of the overall weights of the rows; None where they have none.

    Occasions of followed units have those of the unit.
    """
    sampling = configuration.sampling
    if sampling is None or sampling.weights_are != "overall":
        return None
    named = {level_key(configuration, level): e.column for level, e in sampling.weights.items()}
    return named.get(ROW, named.get(configuration.level_names[-1]))


def _psu(configuration: Configuration, sampling: Sampling) -> str | None:
    """Id columns of the clusters, joined by colons."""
    if sampling.psu is None:
        return None
    names = [entry.column for entry in sampling.psu]
    if len(names) == 1 and names[0] in configuration.level_names:
        groups = [level.group for level in configuration.model_levels]
        own = next((group for group in groups if group and group[-1] == names[0]), None)
        return ":".join(own or configuration.unit_path(names[0]))
    return ":".join([*_waves_apart(configuration), *names])


def _in_wave(configuration: Configuration, entry: NamedColumn | None) -> str | None:
    """Strata or clusters; where each wave is a sample of its own they are of one wave."""
    if entry is None:
        return None
    return ":".join([*_waves_apart(configuration), *_ids(configuration, entry)])


def _ids(configuration: Configuration, entry: NamedColumn) -> tuple[str, ...]:
    """Columns that tell units apart: of a level with the ids of those around it."""
    is_level = entry.column in configuration.level_names
    return configuration.path_in_wave(entry.column) if is_level else (entry.column,)


def _waves_apart(configuration: Configuration) -> list[str]:
    """The wave as part of ids, where each wave draws its own clusters."""
    is_drawn_anew = configuration.design.is_longitudinal and not configuration.design.recurs
    return [WAVE] if is_drawn_anew else []


def _replicates(configuration: Configuration, entry: SurveyReplicates | None) -> Replicates | None:
    if entry is None:
        return None
    columns = entry.columns.columns if entry.columns else ()
    inside = entry.zone is not None and entry.unit is not None
    return Replicates(
        entry.method,
        columns,
        factor=entry.factor or 0.0,
        halves=entry.halves or "one",
        psu=":".join(_ids(configuration, entry.unit))
        if inside
        else _in_wave(configuration, entry.unit),
        strata=_in_wave(configuration, entry.zone),
        scales=_scales(entry, len(columns)),
    )


def _scales(entry: SurveyReplicates, count: int) -> tuple[float, ...]:
    """What each replicate counts for, where it is said."""
    if entry.scale is None:
        return entry.scales
    return tuple(entry.scale * each for each in entry.scales or (1.0,) * count)
