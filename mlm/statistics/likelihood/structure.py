"""The structure of a model's grouping factors: what answers ask of it, whether nested or crossed.

Two makers, ``nested`` and ``crossed``, have the same modules and the same verbs. Which one a model
has is decided where its working statistics are made, and nowhere else.

Places count the levels of the tree, outermost first, and after them the crossed factors. Letters:
w working columns, p fixed effects, q random columns of a place, G groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossing import Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.evaluation import Criterion, Evaluation
from mlm.statistics.likelihood.joint_errors import JointErrors
from mlm.statistics.likelihood.posterior import EffectPosterior
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.series import Series
from mlm.statistics.likelihood.traces import Traces
from mlm.statistics.likelihood.unit_shares import EffectWeights

if TYPE_CHECKING:
    from mlm.statistics.likelihood.working import Working


@dataclass(frozen=True)
class Eliminated:
    """What is left when all random effects are eliminated.

    Attributes
    ----------
    matrix : ndarray (w, w)
        Cross-products of the working columns with ``V^-1`` between them.
    logdet : float
        ``log|V|`` over sigma^2.
    remains : object
        What the structure needs to find the effects again.
    """

    matrix: np.ndarray
    logdet: float
    remains: Any


class VarianceSearch(Protocol):
    """The criterion of a model as a function of its variance parameters."""

    working: Working

    @property
    def diagonal(self) -> np.ndarray:
        """Which parameters (m,) are standard deviations, bounded by zero."""

    def working_at(self, theta: np.ndarray) -> Working:
        """The working statistics at parameters (m,)."""

    def omegas(self, theta: np.ndarray) -> list[np.ndarray]:
        """Omega (q, q) of each place."""

    def share(self, theta: np.ndarray) -> float:
        """Residual variance over the square of the scale that covariances are relative to."""

    def ratios(self, theta: np.ndarray) -> np.ndarray:
        """Residual variance of each stratum (T,) over their mean; of no strata the number one."""

    def point(self, theta: np.ndarray) -> Any:
        """The criterion and its gradient there."""


@dataclass(frozen=True)
class Solved:
    """A model at its estimates.

    Attributes
    ----------
    search : VarianceSearch
        The criterion on the sample, groups apart.
    theta : ndarray (m,)
        The variance parameters at the estimates.
    hessian : ndarray (m, m)
        Curvature of the criterion there.
    criterion : {"ML", "REML"}
        Which criterion.
    search_of : callable
        The search of the same model on another sample.
    """

    search: VarianceSearch
    theta: np.ndarray
    hessian: np.ndarray
    criterion: Criterion
    search_of: Callable[[CrossProducts], VarianceSearch]

    @property
    def working(self) -> Working:
        """Statistics of the model at the estimates."""
        return self.search.working_at(self.theta)


@dataclass(frozen=True)
class EstimatesWithout:
    """Estimates of a model, one of its units left out at a time.

    Attributes
    ----------
    places : ndarray of int (n,)
        Units without which all fixed effects are estimable.
    beta : ndarray (n, p)
        Fixed effects in the working basis.
    scale : ndarray (n,)
        Squared scale that covariances are relative to, in squared working units.
    residual : ndarray (n,)
        Mean residual variance of the rows left, in that unit, where no term takes its place.
    theta : ndarray (n, m)
        Variance parameters; a standard deviation of zero is held there.
    """

    places: np.ndarray
    beta: np.ndarray
    scale: np.ndarray
    residual: np.ndarray
    theta: np.ndarray


@dataclass(frozen=True)
class LevelPart:
    """Sums of those groups of a level that have rows in a stratum.

    Attributes
    ----------
    places : ndarray of int (H,)
        Their place in the level.
    wide : ndarray (w, q, H)
        Sums of products of the random columns with all working columns.
    """

    places: np.ndarray
    wide: np.ndarray


@dataclass(frozen=True)
class StrataParts:
    """The sums of a structure by stratum, in one working basis.

    Attributes
    ----------
    totals : ndarray (T, w, w)
        Cross-products of the working columns.
    levels : tuple of tuple of LevelPart
        By level of the tree, and stratum; without the innermost where that is pooled.
    crossings : tuple
        Crossed factors by stratum, where there are any.
    evidence : Crossing
    pooled : PooledStrata or None
    """

    totals: np.ndarray
    levels: tuple[tuple[LevelPart, ...], ...]
    crossings: tuple[Any, ...]
    evidence: Crossing
    pooled: Any = None


class PlaceTraces(Protocol):
    """Traces of products of what places add to the covariance of the rows."""

    def inside(self, place: int) -> np.ndarray:
        """``Q' Z_a Z_b' Q`` (q, q, p, p) of a place."""

    def of(self, first: int, second: int) -> Traces:
        """Of two places, the first not after the second."""


class RowEffects(Protocol):
    """Takes what all random effects explain from single rows."""

    def eliminate(self, rows: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
        """Change working columns (w, n) in place; ``z' Q z`` of each row, (n,)."""


class UnitsApart(Protocol):
    """A sample from which its outermost units can be taken."""

    part: CrossProducts

    @property
    def most(self) -> int:
        """Of how many units each can be left out before that takes long."""

    @property
    def ids(self) -> list[tuple[str, ...]]:
        """Ids of the units."""

    def without(self, unit: int) -> CrossProducts:
        """The sample without the rows of one unit."""


class Pieces(Protocol):
    """Bundles of units that can be drawn again."""

    def totals_under(self, weights: np.ndarray) -> np.ndarray:
        """Cross-products (R, w, w) of samples with each bundle so often (R, B)."""

    def drawn(self, working: Working, at: Evaluation, weights, total=None) -> Evaluation:
        """The ML criterion of a sample with each bundle (B,) so often, variances held."""


class Drawing(Protocol):
    """Draws new responses of a model."""

    def effects(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Effects (G, c) of the candidates of each level and crossed factor."""

    def draw(
        self, rng: np.random.Generator, effects: list[np.ndarray] | None = None
    ) -> CrossProducts:
        """The cross-products of one new response, with effects that are given or drawn."""


class Structure(Protocol):
    """The grouping factors of a model with their sums, and the algebra on them."""

    @property
    def searched(self) -> Any:
        """What has the same criterion and derivatives, and no other verb, in less time."""

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Id columns of each place."""

    @property
    def widths(self) -> list[int]:
        """Random columns of each place."""

    @property
    def columns(self) -> list[np.ndarray]:
        """Working columns (q,) that carry the random effects of each place."""

    @property
    def sizes(self) -> list[int]:
        """Groups of each place."""

    @property
    def inwards(self) -> list[int]:
        """Places from the outermost units to the lowest."""

    @property
    def row_groups(self) -> tuple[tuple[str, ...], ...]:
        """Id columns of the places whose groups a row must name for all its effects."""

    @property
    def has_fast_series(self) -> bool:
        """Whether second derivatives by series take no longer than some evaluations."""

    @property
    def has_weights(self) -> bool:
        """Whether units have sampling weights."""

    @property
    def outermost_weights(self) -> np.ndarray | None:
        """Sampling weights (G,) of the outermost units; None where units have none."""

    @property
    def sums_of_outermost(self) -> np.ndarray:
        """Sums (w, q, G) of the random columns of the outermost units; refused where crossed."""

    @property
    def n_dense(self) -> int:
        """Effects that are eliminated together, in one dense matrix."""

    def inner(self, place: int) -> np.ndarray:
        """Cross-products (q, q, G) of the random columns of a place; one a pattern if pooled."""

    def weighed(self, parts: StrataParts, weights: np.ndarray) -> Structure:
        """The same with the rows of each stratum times its weight (T,)."""

    def row_slopes(
        self, parts: StrataParts, weights, at: Evaluation, directions: np.ndarray, scratch: Scratch
    ) -> np.ndarray:
        """``trace(F F' dA) + d log|V|`` (T,) by the weights (T,) of strata of rows, F (w, f) held.

        Raises
        ------
        NotWhereCrossed
            Where units are crossed.
        """

    def eliminate(self, total: np.ndarray, omegas, scratch: Scratch) -> Eliminated:
        """Eliminate all effects from cross-products (w, w) at relative covariances."""

    def gradient(
        self, at: Evaluation, directions: np.ndarray, scratch: Scratch
    ) -> list[np.ndarray]:
        """``D`` (q, q) of each place, ``d criterion = trace(F F' dA)`` with F (w, f)."""

    def by_cluster(
        self, at: Evaluation, directions: np.ndarray, clusters: np.ndarray, size: int, scratch
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """What each of C clusters of outermost groups (G,) takes from ``A F``, (w, C), F (w, 1).

        And its derivatives (q, q, C) by Omega of each place.

        Raises
        ------
        NotWhereCrossed
            Where units are crossed.
        """

    def eliminate_under(
        self, totals: np.ndarray, omegas: Sequence[np.ndarray], factors: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """What is left of totals (R, w, w), and ``log|V|`` (R,), under R weightings (R, G).

        The relative covariances are (R, q, q) for each place: every weighting has its own.

        Raises
        ------
        NotWhereCrossed
            Where units are crossed.
        """

    def reweighed(self, factors: np.ndarray) -> Structure:
        """The same with each outermost group (G,) so many times as often.

        Raises
        ------
        NotWhereCrossed
            Where units are crossed.
        """

    def series(
        self, total: np.ndarray, omegas: Sequence[Series], scratch: Scratch
    ) -> tuple[Series, Series]:
        """The cross-products (w, w) and ``log|V|``, to second order along a direction of Omegas."""

    def traces(self, basis: np.ndarray) -> PlaceTraces:
        """Traces of the places; ``basis`` (p, p) makes the fixed columns orthonormal."""

    def means(
        self, at: Evaluation, contrast: np.ndarray, deepest: int | None = None
    ) -> list[np.ndarray]:
        """Posterior means (G, q) of each place; ``contrast`` (w,) makes ``y - X b``.

        Of the places up to the deepest that is asked for, at least.
        """

    def sums_of_means(
        self, at: Evaluation, contrast: np.ndarray, weights: EffectWeights
    ) -> np.ndarray:
        """Sums (K,) of posterior means of several places, weighed as for ``joint``."""

    def posterior(self, at: Evaluation, contrast: np.ndarray) -> EffectPosterior:
        """Posterior means of each place as ``means`` has them, with their covariances."""

    def joint(self, at: Evaluation, weights: EffectWeights) -> JointErrors:
        """Errors over sigma^2 of K sums of effects."""

    def unit_sums(self, at: Evaluation) -> tuple[np.ndarray, np.ndarray]:
        """``z' V^-1`` times the working columns (w, G), and times z (G,), z an outermost unit."""

    def row_effects(self, at: Evaluation) -> RowEffects:
        """What the effects explain of single rows."""

    def units_apart(
        self, plan: Plan, model: Model, stats: CrossProducts, waves: Mapping[str, np.ndarray]
    ) -> UnitsApart:
        """The outermost units, with their cross-products (U, k, k) by wave, ready to be left out.

        Raises
        ------
        NotWhereCrossed, UnitsInSeveral
            Where it takes too long, or a lowest unit was in several units in one wave.
        """

    def newton_without(
        self, solved: Solved, units: UnitsApart, chosen: np.ndarray
    ) -> EstimatesWithout:
        """Estimates without each of some units, given by their places, by one Newton step."""

    def pieces(
        self, at: Evaluation, totals: np.ndarray, rows: np.ndarray, bundles: Sequence
    ) -> Pieces | None:
        """Bundles of units that can be drawn again, None where no level lies inside them.

        ``totals`` (B, w, w) and ``rows`` (B,) are those of the bundles; ``bundles`` says of each
        level of the tree which one its groups (G,) lie in, None where they lie in several.

        Raises
        ------
        NotWhereCrossed
            Where units that are drawn again would share lower units.
        """
