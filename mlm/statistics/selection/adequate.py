"""Aitkin's minimal adequate subsets: within the bound, and no further term can go.

Dropping a term never lowers the deviance, so adequate models are closed upwards, and the minimal
ones are the borders of that set. A set of dropped terms is an integer, one bit a term.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.marginality import Marginality
from mlm.nouns.model import Model, Term
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.descent import endless
from mlm.statistics.fitting.deviance_fit import DevianceFit, deviance_fit
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.refit import NEAR_AMONG_DRAWS
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.fitting.starts import Start
from mlm.statistics.selection.sides import SidesOfLimit
from mlm.statistics.selection.submodels import DevianceBounds, Estimates

MAX_MODELS = 10_000  # models that the search may visit
MAX_FITS = 100  # models whose deviance it may look for
MAX_SHOWN = 12  # minimal adequate models that are fitted and kept


@dataclass(frozen=True)
class Subset:
    """A minimal adequate model: adequate, while every smaller one of its kind is not.

    Attributes
    ----------
    dropped : tuple of Term
        Terms of the full model that it lacks.
    fit : DevianceFit
        The model by ML.
    """

    dropped: tuple[Term, ...]
    fit: DevianceFit


@dataclass(frozen=True)
class AdequateModels:
    """All minimal adequate models, some of them fitted.

    Attributes
    ----------
    subsets : tuple of Subset
        Those that are fitted: the fewest parameters first, twelve at most.
    dropped : tuple of tuple of Term
        The terms that each of all of them lacks.
    complete : bool
        Whether the search saw all of them.
    stable_from, stable_to : float
        With any bound from the first to below the second the same models are minimal.
    """

    subsets: tuple[Subset, ...]
    dropped: tuple[tuple[Term, ...], ...]
    complete: bool
    stable_from: float
    stable_to: float

    def distance(self, critical: float) -> float:
        """How far a bound could move before others are minimal."""
        return min(critical - self.stable_from, self.stable_to - critical)

    def is_stable(self, critical: float, margin: float) -> bool:
        """Whether they are the same for all bounds within a margin."""
        return self.stable_from <= critical - margin and critical + margin < self.stable_to


class Lattice:
    """The models between a full one and the smallest: terms that may leave, and in what order.

    Parameters
    ----------
    model : Model
        The full model.
    protected : iterable of Term
        Terms that stay.

    Attributes
    ----------
    terms : tuple of Term
        Terms that may leave, the margins of terms that stay not among them.
    """

    def __init__(self, model: Model, protected: Iterable[Term]):
        self._model = model
        whole = Marginality(model.terms, [*protected, *model.slopes])
        self._rule = Marginality(whole.members(whole.free))
        self.terms = self._rule.terms

    def reachable(self, gone: int, staying: int) -> list[tuple[int, int]]:
        """Terms that could still leave, each with the smallest set that it leaves in.

        A term drags along all terms that it is a margin of; those that stay hold it.
        """
        return [
            (i, gone | above | 1 << i)
            for i, above in enumerate(self._rule.above)
            if not (gone | staying) >> i & 1 and not above & staying
        ]

    def furthest(self, gone: int, staying: int) -> int:
        """All that could leave while the terms of ``staying`` stay."""
        return gone | sum(1 << i for i, _ in self.reachable(gone, staying))

    def members(self, gone: int) -> list[Term]:
        """The terms of a set."""
        return self._rule.members(gone)

    def model(self, gone: int) -> Model:
        """The full model without the terms of a set."""
        return self._model.with_terms(t for t in self._model.terms if t not in self.members(gone))


class Adequacy:
    """Whether a set of terms may leave together: its deviance within the bound.

    A model is fitted only where neither what is known of larger and smaller sets nor the
    bounds of its deviance decide. Within a margin of the bound they are made as narrow as can be,
    until one is so near that no more need be known.

    Attributes
    ----------
    least, most : float
        With any bound from ``least`` to below ``most`` every decision is the same.
    """

    def __init__(
        self,
        full: Fit,
        stats: CrossProducts,
        critical: float,
        lattice: Lattice,
        margin: float = 0.0,
        unsettled: float = 0.0,
    ):
        self._full, self._stats, self._critical = full, stats, critical
        self._lattice, self._wide, self._unsettled = lattice, margin, unsettled
        self.least, self.most = 0.0, np.inf
        solution = _solution(full, stats)
        self._deviances, self._hessian = DevianceBounds(solution), solution.best.hessian
        self._searched = 0
        self._passed: list[int] = []
        self._failed: list[int] = []
        self.columns = [
            np.flatnonzero([name == str(term) for name in full.terms]) for term in lattice.terms
        ]
        self.fits: dict[int, DevianceFit] = {}
        self._begun: dict[int, Fit | Start] = {}
        self.is_complete = True

    @property
    def _margin(self) -> float:
        """How near to the bound deviances are still to be known well."""
        nearest = min(self._critical - self.least, self.most - self._critical)
        return 0.0 if nearest < self._unsettled else self._wide

    def note(self, gone: int, fit: DevianceFit) -> bool:
        """Take note of a fit; whether it is adequate."""
        self.fits[gone] = fit
        return self._decided(gone, fit.deviance - self._full.deviance)

    def of(self, gone: int, bound: float = np.inf) -> bool:
        """Whether a set is adequate; ``bound`` is an upper bound of its excess, where known."""
        if any(gone & ~passed == 0 for passed in self._passed):
            return True
        if any(failed & ~gone == 0 for failed in self._failed):
            return False
        if bound <= self._critical - self._margin:
            self.least = max(self.least, bound)
            return True
        leaves = np.zeros(len(self._full.terms), dtype=bool)
        for i, columns in enumerate(self.columns):
            leaves[columns] |= bool(gone >> i & 1)
        for bounds in (self._deviances.bounds, self._deviances.refined):
            lower, upper = bounds(leaves)
            if upper <= self._critical - self._margin:
                return self._decided(gone, upper)
            if lower > self._critical + self._margin:
                return self._decided(gone, lower)
        if upper <= self._critical:
            return self._decided(gone, upper)
        return self._decided(gone, lower) if lower > self._critical else self._fitted(gone)

    def fit(self, gone: int) -> DevianceFit:
        """The full model without a set of terms, by ML."""
        if gone not in self.fits:
            self.fits[gone] = self._reached(gone)
        return self.fits[gone]

    def _fitted(self, gone: int) -> bool:
        """Decide by the deviance, followed down as far as the decision needs it."""
        if gone in self.fits:
            return self.note(gone, self.fits[gone])
        if self._searched >= MAX_FITS:
            self.is_complete = False
            return False
        self._searched += 1
        sides = SidesOfLimit(self._full.deviance + self._critical, self._margin)
        found = self._reached(gone, sides)
        if sides.lower is None:
            return self.note(gone, found)
        self._begun[gone] = found.start
        return self._decided(gone, sides.lower - self._full.deviance)

    def _reached(
        self, gone: int, is_enough: Callable[[float, float], bool] = endless
    ) -> DevianceFit:
        full, model, start = self._full, self._lattice.model(gone), self._begun.get(gone)
        near = NEAR_AMONG_DRAWS
        return deviance_fit(model, self._stats, full, self._hessian, start, near, is_enough)

    def _decided(self, gone: int, cost: float) -> bool:
        """Keep the largest sets that pass and the smallest that fail, and how near they are."""
        passes = bool(cost <= self._critical)
        if passes:
            self.least = max(self.least, cost)
        else:
            self.most = min(self.most, cost)
        if passes:
            self._passed = [p for p in self._passed if p & ~gone] + [gone]
        else:
            self._failed = [f for f in self._failed if gone & ~f] + [gone]
        return passes


def minimal_adequate(
    full: Fit,
    stats: CrossProducts,
    critical: float,
    protected: Sequence[Term],
    known: Iterable[tuple[Sequence[Term], DevianceFit]] = (),
    margin: float = 0.0,
    unsettled: float = 0.0,
) -> AdequateModels:
    """Minimal adequate models: adequate, while every smaller one of their kind is not.

    Parameters
    ----------
    full : Fit
        The full model by ML.
    stats : CrossProducts
        Its sample.
    critical : float
        Deviance over the full model up to which a model is adequate.
    protected : sequence of Term
        Terms that stay.
    known : iterable of (terms that left, DevianceFit)
        Submodels that are fitted already.
    margin : float
        How near to the bound the deviances of models are to be known well.
    unsettled : float
        How near one of them is enough to know that others could be minimal.

    Returns
    -------
    AdequateModels

    Source
    ------
    Aitkin (1974), Technometrics 16, 221-227. The search looks ahead to the largest set of a branch,
    as Bayardo (1998), Proc. ACM SIGMOD, 85-93, does for frequent sets.
    """
    lattice = Lattice(full.model, protected)
    adequacy = Adequacy(full, stats, critical, lattice, margin, unsettled)
    places = {term.key: i for i, term in enumerate(lattice.terms)}
    for left, fit in known:
        adequacy.note(sum(1 << places[term.key] for term in left), fit)
    search = _Search(lattice, adequacy, full.n_obs)
    search.visit(0, 0, Estimates.of(full))
    ordered = _ordered(search.maximal, adequacy)
    members = [tuple(lattice.members(gone)) for gone in ordered]
    fits = [adequacy.fit(gone) for gone in ordered[:MAX_SHOWN]]
    subsets = [Subset(*pair) for pair in zip(members, fits, strict=False)]
    subsets.sort(key=lambda subset: (subset.fit.n_params, subset.fit.deviance))
    complete = adequacy.is_complete and search.models <= MAX_MODELS
    return AdequateModels(tuple(subsets), tuple(members), complete, adequacy.least, adequacy.most)


class _Search:
    """Depth-first over the sets that may leave, each seen once: a term leaves now, or stays."""

    def __init__(self, lattice: Lattice, adequacy: Adequacy, n_obs: int):
        self._lattice, self._adequacy, self._n = lattice, adequacy, n_obs
        self.maximal: list[int] = []
        self.models = 0

    def visit(self, gone: int, staying: int, estimates: Estimates) -> None:
        """Find the largest adequate sets that hold ``gone`` and nothing of ``staying``."""
        while True:
            self.models += 1
            if self.models > MAX_MODELS:
                return
            options = []
            for i, wanted in self._lattice.reachable(gone, staying):
                bound = self._excess(estimates, i) if wanted == gone | 1 << i else np.inf
                if not self._adequacy.of(wanted, bound):
                    staying |= 1 << i
                elif bound < np.inf:
                    options.append((bound, i))
            furthest = self._lattice.furthest(gone, staying)
            if any(furthest & ~found == 0 for found in self.maximal):
                return
            if furthest == gone or self._adequacy.of(furthest):
                self.maximal.append(furthest)
                return
            _, first = max(options)
            after = estimates.without(self._adequacy.columns[first])
            self.visit(gone | 1 << first, staying, after)
            staying |= 1 << first

    def _excess(self, estimates: Estimates, i: int) -> float:
        """Upper bound of the deviance over the full model's when one more term leaves."""
        added = estimates.added(self._adequacy.columns[i])
        return self._n * float(np.log((estimates.residual + added) / self._n))


def _solution(full: Fit, stats: CrossProducts) -> Solution:
    """The full model with its working statistics; its sample remembers the fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return solve(full.model, stats, "ML", start=full)


def _ordered(maximal: list[int], adequacy: Adequacy) -> list[int]:
    """The minimal adequate models, those from which most has left first."""

    def width(gone: int) -> int:
        return sum(c.size for i, c in enumerate(adequacy.columns) if gone >> i & 1)

    return sorted(maximal, key=lambda gone: (-width(gone), gone))
