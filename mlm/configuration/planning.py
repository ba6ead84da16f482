"""From a configuration to the plan of one of its analyses."""

from __future__ import annotations

from collections.abc import Mapping

from mlm.configuration.missing.planning import missing_values_of
from mlm.configuration.models import Configuration
from mlm.configuration.parts import Analysis
from mlm.configuration.sampled.planning import sampled_plan_of
from mlm.configuration.variable import UNIT_MEANS, Variable
from mlm.nouns.assignment import Assignment
from mlm.nouns.candidates import main_variables
from mlm.nouns.comparison import ComparisonRule
from mlm.nouns.formula import parse_term
from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.nouns.planned_time import PlannedTime


def plan_of(configuration: Configuration, analysis: str) -> Plan:
    """The plan of one analysis of a configured survey.

    Parameters
    ----------
    configuration : Configuration
        A validated configuration.
    analysis : str
        Name of one of its analyses.

    Returns
    -------
    Plan
    """
    chosen = configuration.analysis(analysis)
    time = _time(configuration)
    categories = {
        name: _reference_first(variable)
        for name, variable in configuration.variables.items()
        if variable.is_category
    }
    if len(time.waves) > 1:
        categories[time.factor] = time.waves
    terms = tuple(parse_term(text) for text in chosen.terms)
    products = [term for v in chosen.time_interactions for term in time.products(v)]
    time_terms = (*time.terms, *products)
    protected = dict.fromkeys(parse_term(text) for text in (*chosen.protected, *chosen.policy))
    used = {chosen.outcome, *(v for term in terms for v in term.variables)}
    slopes = chosen.slopes
    if slopes is None:
        slopes = dict.fromkeys(v for term in terms for v in term.variables)
    means = {v: _means_of(configuration, chosen, v) for v in chosen.between}
    return Plan(
        survey=configuration.survey,
        analysis=analysis,
        outcome=chosen.outcome,
        design=configuration.design,
        levels=configuration.model_levels,
        time=time,
        terms=terms,
        time_terms=time_terms,
        protected=(*time.terms, *protected),
        policy={v: Assignment(**dict(claim)) for v, claim in chosen.policy.items()},
        slopes=tuple(slopes),
        variable_levels={name: v.level for name, v in configuration.variables.items()},
        categories=categories,
        alpha=chosen.alpha,
        ranking=chosen.ranking.model_dump(),
        pupil_interactions=chosen.pupil_interactions,
        unit_means=means,
        unit_shares=_shares_among(configuration, means),
        comparison=ComparisonRule(chosen.compare, chosen.against),
        sampling=sampled_plan_of(configuration, chosen),
        missing=missing_values_of(configuration, used),
    )


def _means_of(configuration: Configuration, analysis: Analysis, variable: str) -> tuple[str, ...]:
    """Terms that are the mean of a variable over units, outermost unit first."""
    found = []
    for name in main_variables(parse_term(text) for text in analysis.terms):
        entry = configuration.variables[name].aggregate
        if entry is not None and entry.of == variable and entry.statistic in UNIT_MEANS:
            found.append((configuration.level_names.index(entry.within), name))
    return tuple(name for _, name in sorted(found))


def _shares_among(
    configuration: Configuration, means: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """The category whose share a unit mean is, of those that are shares."""
    names = (name for own in means.values() for name in own)
    entries = {name: configuration.variables[name].aggregate for name in names}
    return {name: e.categories[0] for name, e in entries.items() if e.statistic == "share"}


def _time(configuration: Configuration) -> PlannedTime:
    waves = tuple(wave.name for wave in configuration.waves)
    times = tuple(configuration.time_in_models(wave) for wave in waves)
    time = configuration.time
    if time is None:
        return PlannedTime(WAVE, "categories", waves, times)
    origin = float(configuration.waves[0].time) - times[0]
    return PlannedTime(time.name, time.coding, waves, times, time.degree or 1, origin)


def _reference_first(variable: Variable) -> tuple[str, ...]:
    categories = list(variable.categories)
    first = variable.reference or categories[0]
    return (first, *(c for c in categories if c != first))
