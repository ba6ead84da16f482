"""A test as the library returns it: its numbers, or in words the reason why it has none."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.results.coefficient import Factor, Term
from mlm.results.reason import NotNested, Reason
from mlm.results.reference import Reference
from mlm.results.test import RefusedTest, Test

MOST_NAMED = 3  # terms that a reason names


@dataclass(frozen=True)
class Comparison:
    """A test, or the reason why there is none.

    Attributes
    ----------
    statistic : float or None
        Difference of the deviances.
    df : int or None
        Parameters that are tested.
    reference : Reference or None
        Distribution under the smaller model: a record with its kind and numbers.
    p_value : float or None
        Probability of a larger statistic.
    refused : Reason or None
        Why the test is not valid, as a record with its kind and numbers; None when it is.
    """

    statistic: float | None = None
    df: int | None = None
    reference: Reference | None = None
    p_value: float | None = None
    refused: Reason | None = None

    @classmethod
    def of(cls, test: Test | RefusedTest) -> Comparison:
        """The numbers of a test that was made, or the reason of one that was not."""
        if isinstance(test, RefusedTest):
            return cls(refused=test.reason)
        return cls(test.statistic, test.df, test.reference, test.p_value)

    @property
    def is_valid(self) -> bool:
        """Whether there is a test."""
        return self.refused is None

    @property
    def reason(self) -> str | None:
        """Why there is no test, in words; None where there is one."""
        return None if self.refused is None else REASONS[self.refused.kind](self.refused)


def _factor(factor: Factor) -> str:
    name = factor.variable
    if factor.function is not None:
        name = f"{factor.function}({name})"
    if factor.power != 1:
        return f"I({name} ** {factor.power})"
    return name if factor.category is None else f"{name}[T.{factor.category}]"


def _term(term: Term) -> str:
    return ":".join(map(_factor, term)) or "1"


def _names(terms: tuple[Term, ...]) -> str:
    return ", ".join(map(_term, terms[:MOST_NAMED]))


def _not_nested(reason: NotNested) -> str:
    name = _term(reason.term)
    if reason.group is not None:
        name = f"({name} | {':'.join(reason.group.ids)})"
    return f"the models are not nested: {name} is only in the smaller one."


REASONS = {
    "different_samples": lambda r: (
        f"the fits use different samples ({r.small} and {r.large} rows). A test compares models "
        "on the same rows: accumulate once with all candidate columns."
    ),
    "different_criteria": lambda r: f"one fit is by {r.small}, the other by {r.large}.",
    "different_fixed_effects": lambda r: (
        "REML criteria of models with different fixed effects are not comparable "
        f'({_names(r.only_in_one)} only in one). Fit both with criterion="ML".'
    ),
    "not_nested": _not_nested,
    "same_parameters": lambda _: "the models have the same parameters: there is nothing to test.",
    "under_weights": lambda _: (
        "likelihoods of rows with sampling weights depend on the unit of the weights. Test terms "
        "by mlm.wald_test."
    ),
    "fits_worse": lambda r: (
        f"the larger model fits worse by {r.by:.2g}: one of them has not converged."
    ),
}
