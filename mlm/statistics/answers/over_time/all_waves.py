"""A model of fewer waves at what all waves tell of its covariances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.statistics.fitting.at_parameters import evaluated_at
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.fitting.starts import start_from
from mlm.statistics.selection.random_part.forms import columns_over_waves, covariance_of_terms


def at_all_waves(plan: Plan, earlier: Solution, of_all: Solution | Evaluated) -> Evaluated:
    """A model of the earlier waves at the covariances that all waves lead to.

    Where it has other terms for some units, without slopes or with a part by wave of its own, their
    effects vary and last as those of all waves do with variables at their mean.

    Parameters
    ----------
    plan : Plan
        The waves.
    earlier : Solution
        The model of the earlier waves.
    of_all : Solution or Evaluated
        The model of all waves, at its own estimates or at other covariances.
    """
    evaluated, working, whole = earlier.evaluated, earlier.evaluated.working, of_all.fit
    start = start_from(whole, earlier.fit.model, working, earlier.stats)
    start = replace(start, covariances=_as_all(plan, earlier, of_all, start.covariances))
    strata, logs = working.strata, np.zeros(0)
    if strata is not None and whole.ratios is not None:
        ratios = strata.ordered(whole.ratios)
        mean = float(strata.counts @ ratios) / float(strata.counts.sum())
        start, logs = replace(start, residual=mean * whole.sigma2), np.log(ratios[1:] / ratios[0])
    elif strata is not None:
        logs = np.zeros(strata.counts.size - 1)
    return evaluated_at(evaluated, np.append(start.parameters(working), logs))


def _as_all(
    plan: Plan,
    earlier: Solution,
    of_all: Solution | Evaluated,
    covariances: Sequence[np.ndarray | None],
) -> tuple[np.ndarray | None, ...]:
    """Covariances of random terms, those of units with other terms from how their effects vary."""
    mine, its = earlier.fit.model.random, of_all.fit.model.random
    out = []
    for term, covariance in zip(mine, covariances, strict=True):
        units = term.group[:-1] if term.group[-1] == WAVE else term.group
        both = units, (*units, WAVE)
        terms = ({(r.group, r.terms) for r in random if r.group in both} for random in (mine, its))
        if len(set(map(frozenset, terms))) > 1:
            design = columns_over_waves(plan, term, earlier.stats)
            shares = [any(r.group == both[1] for r in random) for random in (mine, its)]
            parts = [covariance_of_terms(plan, of_all, group) for group in both]
            own, part = (found[: len(design), : len(design)] for found in parts)
            own, part = _split(own, part, *shares)
            onto = np.linalg.pinv(design)
            is_single = WAVE in term.group
            whole = part if term.group == both[1] else own
            covariance = (
                np.full((1, 1), np.diagonal(whole).mean()) if is_single else onto @ whole @ onto.T
            )
        out.append(covariance)
    return tuple(out)


def _split(
    own: np.ndarray, part: np.ndarray, mine: bool, its: bool
) -> tuple[np.ndarray, np.ndarray]:
    """What lasts and what each wave adds, where one model has a term for the latter only."""
    if mine and not its:
        size = len(own)
        lasts = (own.sum() - np.trace(own)) / max(size * (size - 1), 1)
        rest = np.maximum(np.diagonal(own) - lasts, 0.0)
        return np.full_like(own, max(lasts, 0.0)), np.diag(rest)
    return (own, part) if mine else (own + part, part)
