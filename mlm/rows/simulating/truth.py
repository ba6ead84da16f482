"""The truth of a simulated survey, in the names that results use."""

from __future__ import annotations

from mlm.configuration import Configuration
from mlm.configuration.effects import parse_effect
from mlm.configuration.names import parse_term
from mlm.configuration.simulation.truth import Simulation


def true_parameters(configuration: Configuration, plan: Simulation) -> dict:
    """True parameters of a simulated survey, ready for JSON.

    Returns
    -------
    dict
        survey, design, seed, outcome; ``fixed``: effect by term name; ``variances``: variance by
        group, the last is residual; ``slopes``: variable, group, variance, sd, covariance,
        correlation with the intercept; ``terms_without_effect``: by analysis, the configured
        terms whose true effect is zero. Where the survey has them: ``further_outcomes`` (fixed,
        variances, correlation), ``reliability`` by outcome.
    """
    return {
        "survey": configuration.survey,
        "design": configuration.design.name,
        "seed": plan.seed,
        "outcome": plan.outcome,
        "fixed": dict(plan.fixed),
        "variances": {level.key: plan.variances[level.key] for level in configuration.model_levels},
        "slopes": [
            {
                "variable": slope.variable,
                "group": slope.group,
                "variance": slope.variance,
                "sd": slope.variance**0.5,
                "covariance": slope.covariance,
                "correlation": _correlation(slope.variance, slope.covariance, plan, slope.group),
            }
            for slope in plan.slopes
        ],
        "terms_without_effect": {
            name: _without_effect(configuration, plan, name)
            for name, analysis in configuration.analyses.items()
            if analysis.outcome == plan.outcome
        },
        **_beside(plan),
    }


def _beside(plan: Simulation) -> dict:
    """Truth that only some surveys have."""
    truth = {}
    if plan.further_outcomes:
        truth["further_outcomes"] = {
            name: other.model_dump() for name, other in plan.further_outcomes.items()
        }
    if plan.plausible_values is not None:
        measured = plan.plausible_values
        truth["reliability"] = {name: measured.reliability_of(name) for name in measured.columns}
    return truth


def _correlation(variance: float, covariance: float, plan: Simulation, group: str) -> float:
    product = variance * plan.variances[group]
    return covariance / product**0.5 if product else 0.0


def _without_effect(configuration: Configuration, plan: Simulation, name: str) -> list[str]:
    """Terms of an analysis, products with time included, that no true effect belongs to."""
    analysis = configuration.analyses[name]
    real = set()
    for text, effect in plan.fixed.items():
        factors = parse_effect(text, configuration)
        power = max((factor.power for factor in factors), default=1)
        if effect:
            real.add((frozenset(factor.name for factor in factors), power))
    terms = {}
    for text in analysis.terms:
        term = parse_term(text)
        terms[text] = (frozenset(term.variables), term.power)
    for variable in analysis.time_interactions:
        time = configuration.time
        for power in range(1, (time.degree or 1) + 1):
            name = time.name if power == 1 else f"I({time.name} ** {power})"
            terms[f"{name}:{variable}"] = (frozenset({variable, time.name}), power)
    return [text for text, identity in terms.items() if identity not in real]
