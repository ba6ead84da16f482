"""Where a search begins: covariances known from another fit, or foreseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.levels import WAVE
from mlm.nouns.model import INTERCEPT, Model, RandomTerm, Term
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.newton import Optimum
from mlm.statistics.fitting.optimise import optimum
from mlm.statistics.fitting.search import Search
from mlm.statistics.likelihood.covariance import theta_of, triangle
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.over_waves.forms import FORMS
from mlm.statistics.likelihood.working import Block, Working

LEAST_SHARE = 1e-6  # of a residual variance, of the largest variance of the effects


@dataclass(frozen=True)
class Start:
    """Covariances that a search begins with.

    Attributes
    ----------
    covariances : tuple of ndarray (q, q) or None
        Of the effects of the raw columns of each random term, in the order of the model and in any
        squared unit that all have in common; None where nothing is known.
    residual : float
        Residual variance, in that unit; of no meaning where a term takes its place.
    hessian : ndarray (t, t) or None
        Curvature of the criterion near there, by all its parameters, roughly; NaN by those of
        slopes that begin without variance; None: not known.
    theta : ndarray (t,) or None
        The parameters themselves, where the curvature is that of a fit; None: those of the
        covariances.
    bend : ndarray (m, m) or None
        Curvature near there by the entries of the covariances, as an optimum has it.
    """

    covariances: tuple[np.ndarray | None, ...]
    residual: float
    hessian: np.ndarray | None = None
    theta: np.ndarray | None = None
    bend: np.ndarray | None = None

    def parameters(self, working: Working) -> np.ndarray | None:
        """theta, or the parameters of all terms where some have forms; None: nothing is known.

        Parameters
        ----------
        working : Working
            Statistics of the model.
        """
        if self.theta is not None:
            return self.theta
        if all(each is None for each in self.covariances):
            return None
        scale = self._scale(working)
        pairs = zip(self.covariances, working.blocks, strict=True)
        parts = [_own(block, None if c is None else c / scale) for c, block in pairs]
        return np.concatenate(parts)

    def _scale(self, working: Working) -> float:
        """The variance that all others are relative to."""
        known = [c for c in self.covariances if c is not None]
        largest = max(float(np.diagonal(c).max(initial=0.0)) for c in known)
        for block, covariance in zip(working.blocks, self.covariances, strict=True):
            if block.is_residual and covariance is not None:
                return max(FORMS[block.form].scale(covariance), LEAST_SHARE * largest)
        return max(self.residual, LEAST_SHARE * largest) or 1.0


def _own(block: Block, covariance: np.ndarray | None) -> np.ndarray:
    """Parameters of one term from its relative covariance, or such as are nothing special."""
    form = None if block.form is None else FORMS[block.form]
    if form is not None:
        if covariance is None:
            return form.start(block.size, block.is_residual)
        return form.near(covariance, block.is_residual)
    raw = np.zeros((block.size,) * 2) if covariance is None else covariance
    return theta_of([block.transform @ raw @ block.transform.T])


def n_parameters(block: Block) -> int:
    """Number of parameters of a random term."""
    return _count(block.form, block.size, block.is_residual)


def _count(form: str | None, size: int, is_residual: bool) -> int:
    """Number of parameters of a term with some columns, that takes the residual's place or not."""
    return size * (size + 1) // 2 if form is None else FORMS[form].bounded(size, is_residual).size


def start_from(fit: Fit, model: Model, working: Working, stats: CrossProducts) -> Start:
    """The covariances of another fit, those that it lacks zero or, with forms, unknown.

    Effects in every category of a variable begin with the effect that was common to them, and with
    the part that each of them had for itself.

    Parameters
    ----------
    fit : Fit
        A fit of a similar model.
    model : Model
        The model, its random terms in the order of ``working``.
    working : Working
        Its statistics.
    stats : CrossProducts
        The sample.
    """
    known = list(zip(fit.model.random, fit.random_names, fit.covariances, strict=True))
    found = []
    for term, block in zip(model.random, working.blocks, strict=True):
        raw, shared = np.zeros((block.size,) * 2), 0
        for other, names, covariance in known:
            both = [name for name in block.names if name in names]
            if other.group == term.group and both:
                mine, its = ([x.index(name) for name in both] for x in (block.names, names))
                raw[np.ix_(mine, mine)] = covariance[np.ix_(its, its)]
                shared += len(both)
            elif other.group == term.group and names == (INTERCEPT,) and _splits(term, stats):
                raw, shared = raw + covariance[0, 0], shared + 1
                raw += block.is_residual * fit.sigma2 * np.eye(block.size)
            elif _is_part_of(other, term, stats) and other not in model.random:
                raw += covariance[0, 0] * np.eye(block.size)
                shared += 1
        found.append(raw if shared else None)
    return Start(tuple(found), fit.sigma2)


def start_from_parts(model: Model, stats: CrossProducts, criterion: Criterion) -> Start | None:
    """Variances and curvature of a model with crossed effects, from those of its nested parts.

    What is nested is fitted at a cost that does not depend on the rest, and variances of effects
    that are crossed depend little on each other.

    Parameters
    ----------
    model : Model
        Without forms of covariances, its random terms from the most groups to the fewest.
    stats : CrossProducts
        The sample.
    criterion : {"ML", "REML"}
        What is optimised.

    Returns
    -------
    Start or None
        None where all is nested, and where a part ends with a variance of zero: there a search
        looks around.

    Raises
    ------
    FitError
        When a part cannot be evaluated.
    """
    parts = _nested_parts(model)
    if len(parts) == 1:
        return None
    covariances, curvatures, residuals = dict[RandomTerm, np.ndarray](), [], []
    for part in parts:
        working = working_statistics(replace(model, random=part), stats)
        best = optimum(working, criterion)
        if not best.is_inside:
            return None
        found = Search(working, criterion).covariances(best.theta)
        covariances |= zip(part, (best.at.sigma2 * own for own in found), strict=True)
        curvatures.append((part, best.hessian))
        residuals.append(best.at.sigma2)
    sizes = [triangle(len(covariances[term]))[0].size for term in model.random]
    of_term = np.repeat(np.arange(len(sizes)), sizes)
    hessian = np.zeros((of_term.size,) * 2)
    for part, curvature in curvatures:
        own = np.flatnonzero(np.isin(of_term, [model.random.index(term) for term in part]))
        hessian[np.ix_(own, own)] = curvature
    known = tuple(covariances[term] for term in model.random)
    return Start(known, min(residuals), hessian)  # each part has effects of others in its residual


def _nested_parts(model: Model) -> list[tuple[RandomTerm, ...]]:
    """The random terms in parts: in each, every grouping factor is nested in the next one."""
    parts: list[list[RandomTerm]] = []
    for term in model.random:
        for part in parts:
            if part[-1].group[: len(term.group)] == term.group:
                part.append(term)
                break
        else:
            parts.append([term])
    return [tuple(part) for part in parts]


def with_curvature(start: Start, fit: Fit, best: Optimum, working: Working) -> Start:
    """A start with the optimum and the curvature of a fit whose slopes a model has.

    Where some terms have other forms over waves there, the curvature by those of both is known.

    Parameters
    ----------
    start : Start
        The covariances of the fit.
    fit : Fit
        The fit.
    best : Optimum
        Its optimum.
    working : Working
        Statistics of the model, of the same sample.
    """
    count, places = sum(map(n_parameters, working.blocks)), places_in(fit, working)
    hessian = np.full((count, count), np.nan)
    if places is not None and places.size == best.theta.size:
        theta = np.zeros(count)
        theta[places], hessian[np.ix_(places, places)] = best.theta, best.hessian
        return replace(start, hessian=hessian, theta=theta)
    mine, its = shared_places(fit, working)
    if not mine.size or all(block.form is None for block in working.blocks):
        return start
    hessian[np.ix_(mine, mine)] = best.hessian[np.ix_(its, its)]
    return replace(start, hessian=hessian)


def places_in(fit: Fit, working: Working) -> np.ndarray | None:
    """Places (s,) of a fit's parameters among those of a model with more slopes, or with none more.

    Parameters
    ----------
    fit : Fit
        The fit.
    working : Working
        Statistics of the model.

    Returns
    -------
    ndarray of int (s,) or None
        In the order of the fit's random terms; None where its random part is not that of the model
        without some slopes.
    """
    places, left = [np.zeros(0, dtype=np.intp)], dict(enumerate(working.blocks))
    starts = np.cumsum([0, *(n_parameters(block) for block in working.blocks)])
    for term, names in zip(fit.model.random, fit.random_names, strict=True):
        found = next((i for i, block in left.items() if _holds(block, term, names, working)), None)
        if found is None:
            return None
        block = left.pop(found)
        own = np.arange(n_parameters(block))
        if block.form is None:
            own = own[triangle(block.size)[0] < len(names)]
        places.append(starts[found] + own)
    if any(block.form is not None for block in left.values()):
        return None
    return np.concatenate(places)


def shared_places(fit: Fit, working: Working) -> tuple[np.ndarray, np.ndarray]:
    """Places (s,) of the parameters of random terms that a model and a fit have in common.

    Parameters
    ----------
    fit : Fit
        The fit.
    working : Working
        Statistics of the model.

    Returns
    -------
    tuple of ndarray of int (s,)
        Among those of the model, and among those of the fit.
    """
    mine, its, first = [np.zeros(0, dtype=np.intp)], [np.zeros(0, dtype=np.intp)], 0
    starts = np.cumsum([0, *(n_parameters(block) for block in working.blocks)])
    terms = zip(fit.model.random, fit.random_names, fit.in_place, strict=True)
    for term, names, is_residual in terms:
        own = np.arange(_count(term.form, len(names), is_residual))
        for start, block in zip(starts, working.blocks, strict=False):
            is_same = block.size == len(names) and block.is_residual == is_residual
            if is_same and _holds(block, term, names, working):
                mine.append(start + own)
                its.append(first + own)
                break
        first += own.size
    return np.concatenate(mine), np.concatenate(its)


def _holds(block: Block, term: RandomTerm, names: Sequence[str], working: Working) -> bool:
    """Whether a random term is that of a block, which may have more slopes behind its columns."""
    is_same = ":".join(term.group) == working.names[block.level] and term.form == block.form
    known = block.names if block.form is not None else block.names[: len(names)]
    return is_same and known == tuple(names)


def _is_part_of(other: RandomTerm, term: RandomTerm, stats: CrossProducts) -> bool:
    """Whether a term's intercepts are of what another term has an effect for each."""
    if other.terms != (Term(),) or other.group[:-1] != term.group or not _splits(term, stats):
        return False
    return other.group[-1] in (WAVE, *term.terms[0].variables)


def _splits(term: RandomTerm, stats: CrossProducts) -> bool:
    """Whether a random term has one effect for every category of one variable."""
    variables = [v for t in term.terms for v in t.variables]
    return (
        len(variables) == 1
        and variables[0] in stats.columns.categories
        and Term() not in term.terms
    )
