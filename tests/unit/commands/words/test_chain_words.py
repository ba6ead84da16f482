"""Chains that do not agree, in words."""

from __future__ import annotations

from mlm.commands.words.chain_words import chain_words
from mlm.results.coefficient import Factor
from mlm.results.missing.joint_model import Convergence, TracedParameter


def column(variable: str) -> tuple[Factor, ...]:
    return (Factor(variable=variable, category="1"),)


def found(r_hat: float, converged: bool) -> Convergence:
    worst = TracedParameter(kind="coefficient", response=column("black"), other=column("hispanic"))
    return Convergence(
        chains=4,
        burn_in=200,
        iterations=250,
        between=50,
        r_hat=r_hat,
        r_hat_of=worst,
        effective_draws=6.2,
        effective_draws_of=worst,
        converged=converged,
    )


def test_chains_that_do_not_agree_are_told_with_the_parameter():
    text = chain_words("math", found(1.97, converged=False))
    for part in ("analysis math", "1.97", "coefficient of black 1 and hispanic 1", "are 6"):
        assert part in text


def test_nothing_is_told_of_chains_that_agree():
    assert chain_words("math", found(1.01, converged=True)) is None
