"""Joint Wald tests of all that each variable does in the settled model, the clearest first."""

from __future__ import annotations

from mlm.nouns.plan import Plan
from mlm.results.sampled.selection import LatestSampledEffect, SampledAssociation
from mlm.results.test import Test
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits
from mlm.statistics.answers.sampled.reduction import columns_of
from mlm.statistics.answers.variables.associations import clearness, latest_weights
from mlm.statistics.evidence.names import term_records
from mlm.statistics.inference.holm import holm


def associations(plan: Plan, full: DrawnFits, settled: DrawnFits) -> tuple[SampledAssociation, ...]:
    """Joint tests of the variables that the settled model holds, time and policies apart.

    The family of Holm's adjustment are the variables of the full model: those that were dropped
    count as tests.

    Parameters
    ----------
    plan : Plan
        Names time and the policies.
    full, settled : DrawnFits
        The models.
    """
    apart = {plan.time.name, plan.time.factor, *plan.policy}
    names = dict.fromkeys(v for term in full.model.terms for v in term.variables if v not in apart)
    tests = {name: _test(settled, name) for name in names}
    adjusted = holm([t.p_value if isinstance(t, Test) else 1.0 for t in tests.values()])
    found = []
    for (name, test), p in zip(tests.items(), adjusted, strict=True):
        if test is None:
            continue
        found.append(
            SampledAssociation(
                variable=name,
                terms=term_records(t for t in settled.model.terms if name in t.variables),
                latest=_latest(plan, settled, name),
                test=test.adjusted(p) if isinstance(test, Test) else test,
            )
        )
    return tuple(sorted(found, key=lambda item: clearness(item.test)))


def _test(settled: DrawnFits, variable: str):
    """Of all terms that hold a variable; None where the model has none."""
    columns = columns_of(settled, [t for t in settled.model.terms if variable in t.variables])
    return settled.columns_test(columns) if columns else None


def _latest(plan: Plan, settled: DrawnFits, variable: str) -> tuple[LatestSampledEffect, ...]:
    score = next((s for s in settled.scores if s.name == variable), None)
    read = variable if score is None else score.columns[0]
    return tuple(
        LatestSampledEffect(
            **dict(settled.contrast(own.weights)), category=own.category, wave=own.wave
        )
        for own in latest_weights(plan, settled.first, read)
    )
