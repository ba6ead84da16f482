"""Backward elimination by Wald tests of the design, and one test of all that left."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.nouns.model import Term
from mlm.nouns.plan import Plan
from mlm.results.sampled.selection import SampledReduction, SampledStep, SampledTest
from mlm.results.test import Test
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits, fit_draws
from mlm.statistics.evidence.names import term_records
from mlm.statistics.selection.backward_rule import BackwardRule


@dataclass(frozen=True)
class WaldStep:
    """A model on the path.

    Attributes
    ----------
    dropped : tuple of Term
        What left to make this model.
    fits : DrawnFits
        The model.
    test : Test or None
        Of what left, in the model before.
    """

    dropped: tuple[Term, ...]
    fits: DrawnFits
    test: Test | None


@dataclass(frozen=True)
class WaldReduction:
    """The path from the full model, and the joint test of all that left."""

    path: tuple[WaldStep, ...]
    joint: SampledTest | None

    @property
    def reduced(self) -> DrawnFits:
        """What was kept."""
        return self.path[-1].fits

    @property
    def dropped(self) -> tuple[Term, ...]:
        """All terms that left, in the order in which they did."""
        return tuple(term for step in self.path for term in step.dropped)


def reduce_by_wald(plan: Plan, full: DrawnFits) -> WaldReduction:
    """Drop what is least needed while its Wald test exceeds alpha.

    Every margin of a term that stays is kept, and the terms of random slopes.

    Parameters
    ----------
    plan : Plan
        Level of the tests, and terms that stay.
    full : DrawnFits
        The full model, with its slopes.
    """
    model = full.model
    rule = BackwardRule(model.terms, [*plan.protected, *model.slopes])
    path, kept = [WaldStep((), full, None)], rule.all
    while True:
        tests = _Tests(path[-1].fits, rule)
        left = rule.next_to_leave(kept, tests.p_value, plan.alpha)
        if not left:
            break
        kept &= ~left
        terms = rule.marginality.members(left)
        gone = {term.key for term in terms}
        before = path[-1].fits
        smaller = before.model.with_terms(t for t in before.model.terms if t.key not in gone)
        fits = fit_draws(plan, smaller, full.stats, before)
        path.append(WaldStep(tuple(terms), fits, tests.made.get(left)))
    dropped = [term for step in path for term in step.dropped]
    columns = columns_of(full, dropped)
    return WaldReduction(tuple(path), full.columns_test(columns) if columns else None)


def columns_of(fits: DrawnFits, terms) -> list[int]:
    """Places of the columns of some terms; none of terms that others determine."""
    names = {str(term) for term in terms}
    return [i for i, name in enumerate(fits.naming.terms) if name in names]


class _Tests:
    """Wald tests of sets of terms in one model; those that were made are kept."""

    def __init__(self, fits: DrawnFits, rule: BackwardRule):
        self._fits, self._rule = fits, rule
        self.made: dict[int, Test] = {}

    def p_value(self, chosen: int) -> float:
        """Of the test that a set of terms has no effect; 0 where no test can be made."""
        columns = columns_of(self._fits, self._rule.marginality.members(chosen))
        if not columns:
            return 1.0  # others determine all its columns
        test = self._fits.columns_test(columns)
        if not isinstance(test, Test):
            return 0.0
        self.made[chosen] = test
        return test.p_value


def reduction_record(plan: Plan, found: WaldReduction) -> SampledReduction:
    """The reduction as a record."""
    return SampledReduction(
        alpha=plan.alpha,
        protected=term_records(plan.protected),
        path=tuple(
            SampledStep(
                dropped=term_records(step.dropped),
                terms=term_records(step.fits.model.terms),
                test=step.test,
            )
            for step in found.path
        ),
        dropped=term_records(found.dropped),
        joint=found.joint,
    )
