"""The command that draws imputations tells of chains that do not agree."""

from __future__ import annotations

import warnings

import pytest

from mlm.commands.impute import _tell_of_chains
from mlm.errors import NotConverged
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
    with pytest.warns(NotConverged) as told:
        _tell_of_chains("math", found(1.97, converged=False))
    (warning,) = told
    text = str(warning.message)
    for part in ("analysis math", "1.97", "coefficient of black 1 and hispanic 1", "are 6"):
        assert part in text


def test_chains_that_agree_are_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _tell_of_chains("math", found(1.01, converged=True))
