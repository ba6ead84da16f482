"""Whether the covariance of a model lies inside that of another, where terms have forms over waves.

A form holds another one if its natural parameters make the other's covariances, whatever its
parameters are. Where these covariances have full rank and no variance is zero, the smaller form
lies in the interior of the larger; where they have not, on its bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlm.nouns.model import INTERCEPT, RandomTerm
from mlm.results.coefficient import Term
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.likelihood.over_waves.natural import NaturalForm

HELD = 1e-9  # difference of covariances, over the largest, that is rounding
FULL_RANK = 1e-6  # smallest eigenvalue, over the largest, of a covariance of full rank

Position = Literal["equal", "interior", "one_bound", "several_bounds"]


@dataclass(frozen=True)
class Outside:
    """A random effect of the smaller model that the larger one has not.

    Attributes
    ----------
    effect : Term
        Its column.
    group : tuple of str
        Over which units.
    """

    effect: Term
    group: tuple[str, ...]


def has_forms(*fits: Fit) -> bool:
    """Whether some term of some fits has a form over waves."""
    return any(term.form is not None for fit in fits for term in fit.model.random)


def has_same_forms(small: Fit, large: Fit) -> bool:
    """Whether two models differ in terms without forms alone, and all their effects have names."""
    mine, its = ({t for t in fit.model.random if t.form is not None} for fit in (small, large))
    pairs = zip(small.model.random, small.random_names, strict=True)
    named = all(
        any(t.group == term.group and set(names) <= set(n) for t, n in _named(large))
        for term, names in pairs
    )
    return mine == its and named


def _named(fit: Fit):
    return list(zip(fit.model.random, fit.random_names, strict=True))


def position(small: Fit, large: Fit) -> Position | Outside:
    """Where the covariances of a model lie among those of another, all grouping factors together.

    Parameters
    ----------
    small, large : Fit
        Fits to one sample.
    """
    found: list[Position] = []
    held = _held(small, large)
    if isinstance(held, Outside):
        return held
    for b, covariance in enumerate(held):
        term = large.model.random[b]
        own = NaturalForm(term.form, len(covariance))
        made = own.matrix(own.parameters(covariance))
        apart = np.abs(made - covariance).max(initial=0.0)
        if not apart <= HELD * max(np.abs(covariance).max(), 1.0):
            return _first_effect(small, term)
        found.append(_position_of(own, covariance, _same(small, term, len(covariance))))
    order: tuple[Position, ...] = ("equal", "interior", "one_bound", "several_bounds")
    bounds = sum(each == "one_bound" for each in found)
    worst = max(found, key=order.index, default="equal")
    return "several_bounds" if bounds > 1 else worst


def _position_of(form: NaturalForm, covariance: np.ndarray, is_same: bool) -> Position:
    if is_same:
        return "equal"
    values = np.linalg.eigvalsh(covariance)
    if values[0] > FULL_RANK * values[-1]:
        return "interior"
    missing = int((values <= FULL_RANK * max(values[-1], 1e-300)).sum())
    alone = form.size == 1 or (form.form in ("cs", "csh", "ar1", "ar1h") and values[-1] > 0.0)
    alone = alone or (form.is_linear and missing == 1)
    return "one_bound" if alone else "several_bounds"


def _same(small: Fit, term: RandomTerm, size: int) -> bool:
    pairs = zip(small.model.random, small.random_names, strict=True)
    return any(other == term and len(names) == size for other, names in pairs)


def _held(small: Fit, large: Fit) -> list[np.ndarray] | Outside:
    """Covariances of the larger model's terms that make a covariance of the smaller model.

    That one has parameters that are nothing special.
    """
    out = [np.zeros((len(names), len(names))) for names in large.random_names]
    for k, (term, names) in enumerate(zip(small.model.random, small.random_names, strict=True)):
        covariance = _nothing_special(term.form, len(names))
        for b, other in enumerate(large.model.random):
            change = _expressed(names, large.random_names[b], large)
            if other.group == term.group and change is not None:
                out[b] += change @ covariance @ change.T
                break
        else:
            return Outside(_first_alone(small, large, k), term.group)
    if large.residual is not None and small.residual is None:
        b = large.in_place.index(True)
        out[b] += np.eye(len(out[b]))
    return out


def _first_alone(small: Fit, large: Fit, k: int) -> Term:
    """The first column of a term that no term of the larger model over these units has."""
    group, names = small.model.random[k].group, small.random_names[k]
    its = [
        n for t, n in zip(large.model.random, large.random_names, strict=True) if t.group == group
    ]
    alone = [
        i for i, name in enumerate(names) if all(_expressed((name,), n, large) is None for n in its)
    ]
    return small.random_coefficients[k][min(alone, key=names.__getitem__, default=0)]


def _nothing_special(form: str | None, size: int) -> np.ndarray:
    own = NaturalForm(form, size)
    if own.is_linear:
        root = np.tril(0.3 * np.cos(1.0 + np.arange(size * size).reshape(size, size)))
        root[np.diag_indices(size)] = 1.0 + 0.1 * np.arange(size)
        return root @ root.T
    like = 0.4 ** np.abs(np.subtract.outer(np.arange(size), np.arange(size))) + 0.1
    like = (like + 0.9 * np.eye(size)) / 2.0
    p = own.parameters(like / like[0, 0])
    if form in ("csh", "ar1h", "toeph", "adh", "diag"):
        p[:size] = 1.0 + 0.2 * np.arange(size)
    return own.matrix(p)


def _expressed(mine: tuple[str, ...], its: tuple[str, ...], fit: Fit) -> np.ndarray | None:
    """Columns of one term as combinations of those of another; None where they are not."""
    out = np.zeros((len(its), len(mine)))
    for j, name in enumerate(mine):
        if name in its:
            out[its.index(name), j] = 1.0
            continue
        cells = next(
            (
                [f"{variable}[{c}]" for c in categories]
                for variable, categories in fit.categories.items()
                if {f"{variable}[{c}]" for c in categories} <= set(its)
            ),
            None,
        )
        if name != INTERCEPT or cells is None:
            return None
        out[[its.index(cell) for cell in cells], j] = 1.0
    return out


def _first_effect(small: Fit, term: RandomTerm) -> Outside:
    """The first effect of the smaller model over the units of a term."""
    pairs = zip(small.model.random, small.random_coefficients, strict=True)
    effects = (found[0] for other, found in pairs if other.group == term.group)
    return Outside(next(effects), term.group)
