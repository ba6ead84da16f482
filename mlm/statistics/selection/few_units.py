"""Where few units judge a term: whether, and the sample without the levels that have many."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mlm.nouns.coding import model_columns
from mlm.nouns.model import Model, Term
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.moments import means, raw_vector, variances
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.making import collapsed, without_factors

FEW = 100  # groups of a level below which chi-squared is not trusted
BETWEEN_SHARE = 0.5  # share of a column's variation between groups from which they judge its effect
# groups of a level from which its variance is known well enough to be held in draws
GROUPS_OF_KNOWN_VARIANCE = 400
MOST_ELIMINATED = 4000  # crossed effects, in one dense matrix, some of which are eliminated


def free_columns(full: Fit, protected: Iterable[Term] = ()) -> np.ndarray:
    """Which fixed columns (p,) of a full model are those of terms that may leave.

    Parameters
    ----------
    full : Fit
        The full model.
    protected : iterable of Term
        Terms that stay.
    """
    kept = {str(term) for term in protected} | {"Intercept"}
    return np.array([term not in kept for term in full.terms], dtype=bool)


def judged_by_few(full: Fit, stats: CrossProducts, free: np.ndarray) -> bool:
    """Whether a free effect varies mainly between the groups of a level that has few.

    Parameters
    ----------
    full : Fit
        The full model.
    stats : CrossProducts
        Its sample.
    free : ndarray of bool (p,)
        Which of its fixed columns may leave.
    """
    levels = [stats.level(term.group) for term in full.model.random]
    few = [level for level in levels if level.size < FEW]
    if not few or not free.any():
        return False
    fixed = model_columns(full.model, stats.columns.categories)[0]
    chosen = {name for name, is_free in zip(full.names, free, strict=True) if is_free}
    vectors = np.stack([raw_vector(c.column, stats) for c in fixed if c.name in chosen])
    mean, whole = means(vectors, stats), variances(vectors, stats)
    for level in few:
        sums = level.sums[0] @ vectors.T
        between = (sums**2 / level.rows[:, None]).sum(axis=0) / stats.total[0, 0] - mean**2
        if (between > BETWEEN_SHARE * whole).any():
            return True
    return False


def too_many_to_refit(stats: CrossProducts) -> bool:
    """Whether all variances of a sample are too many to estimate anew: those of crossed effects."""
    effects = sum(factor.size for factor in stats.crossing.factors)
    return effects > GROUPS_OF_KNOWN_VARIANCE


def too_many_to_draw(full: Fit, stats: CrossProducts) -> bool:
    """Whether draws would take minutes: of crossed effects, those that are not held or all of them.

    Parameters
    ----------
    full : Fit
        The full model.
    stats : CrossProducts
        Its sample.
    """
    part = excerpt(full.model, stats)
    factors, held = part.crossing.factors, _held_factors(part)
    left = sum(factor.size for factor in factors if factor.group not in held)
    effects = sum(factor.size * len(factor.candidates) for factor in factors)
    return left > GROUPS_OF_KNOWN_VARIANCE or bool(held) and effects > MOST_ELIMINATED


def with_one_residual(fit: Fit, stats: CrossProducts) -> Fit:
    """The fit with one residual variance, which is what can be drawn as cross-products.

    How far the variances of units are known, of which draws are made, hangs little on it.

    Parameters
    ----------
    fit : Fit
        A fit, maybe with a residual variance in each wave.
    stats : CrossProducts
        Its sample.
    """
    if fit.model.residual is None:
        return fit
    return fit_model(fit.model.with_residual(None), stats, fit.criterion)


def without_many_groups(fit: Fit, part: CrossProducts) -> tuple[Model, CrossProducts]:
    """A model and its sample without the innermost levels that have many groups.

    These are eliminated, their variances held: what is drawn and fitted then has few groups,
    however many rows there are. Crossed factors with many groups follow a tree that has none left.

    Parameters
    ----------
    fit : Fit
        The model.
    part : CrossProducts
        Its sample, with the levels of the model alone.
    """
    model, left = collapsed(fit.model, fit.omegas, part, _n_many(part))
    held = _held_factors(part)
    if not held:
        return model, left
    pairs = zip(fit.model.random, fit.omegas, strict=True)
    omegas = [omega for term, omega in pairs if term in model.random]
    return without_factors(model, omegas, left, held)


def _held_factors(part: CrossProducts) -> set[tuple[str, ...]]:
    """Crossed factors with many groups; none beside a tree that stays, or where all have many."""
    factors = part.crossing.factors
    many = {f.group for f in factors if f.size >= GROUPS_OF_KNOWN_VARIANCE}
    return many if _n_many(part) == len(part.levels) and len(many) < len(factors) else set()


def _n_many(part: CrossProducts) -> int:
    """Number of innermost levels of a tree with many groups; one level or factor is left."""
    many, most = 0, min(len(part.levels), len(part.inwards) - 1)
    while many < most and part.inwards[-1 - many].size >= GROUPS_OF_KNOWN_VARIANCE:
        many += 1
    return many
