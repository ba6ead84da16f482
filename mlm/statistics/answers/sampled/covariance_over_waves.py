"""Effects of units of a sample as vectors over the waves: variances by wave, correlations of pairs.

The settled model has effects of units, and of units in a wave where these are several; beside it
stands the same model in which the effects of every level whose units recur have a covariance over
all waves. That of followed units takes the place of the residual. A likelihood of weighted rows
tells no form from another, so that the widest is told which the units carry, with the Wald test
that nothing in it differs between waves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import MLMError, NotUnderWeights
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.results.sampled.estimate import SampledEstimate
from mlm.results.sampled.over_time import (
    CorrelationOfWaves,
    CovarianceOverWaves,
    EstimatedCovarianceOverWaves,
    RefusedCovarianceOverWaves,
)
from mlm.results.sampled.reason import NotEstimable, OnBound, WeightsWithinUnits
from mlm.results.sampled.selection import RefusedSampledTest, SampledTest
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits, fit_draws
from mlm.statistics.answers.sampled.model_records import estimate_from
from mlm.statistics.evidence.names import level_record
from mlm.statistics.pooling.components import Components
from mlm.statistics.pooling.pooled_components import PooledComponent
from mlm.statistics.pooling.scales import FISHER_Z, pooled_on
from mlm.statistics.selection.random_part.catalogue import (
    ENGINE_FORMS,
    MOST_WAVES,
    UNITS_A_PARAMETER,
)

Group = tuple[str, ...]
LEAST_SD, MOST_CORRELATION = 1e-3, 1.0 - 1e-4
"""Of a standard deviation in the largest, and of a correlation: as good as on the bound."""


class EffectsOverWaves:
    """The model beside the settled one, and what it tells of each level.

    Parameters
    ----------
    plan : Plan
        Which units recur.
    settled : DrawnFits
        The settled model.
    """

    def __init__(self, plan: Plan, settled: DrawnFits):
        self.plan, self.settled = plan, settled
        present = {term.group for term in settled.model.random}
        self._told: dict[Group, CovarianceOverWaves] = {}
        self._averages: dict[Group, SampledEstimate] = {}
        self._settle([group for group in plan.recurring_groups if group in present])

    def told(self, group: Group) -> CovarianceOverWaves:
        """The covariance of the effects of a level, or why it is not told."""
        refused = RefusedCovarianceOverWaves(reason=NotEstimable())
        return self._told.get(group, refused)

    def average(self, group: Group) -> SampledEstimate:
        """Mean correlation of the pairs of waves, of a level whose covariance is told."""
        return self._averages[group]

    def _settle(self, groups: list[Group]) -> None:
        """Fit all levels together; those that the rows do not carry are left as they were."""
        while groups:
            left = groups[0]
            try:
                fits = self._fitted(groups)
            except NotUnderWeights:
                left = groups[-1]
                reason = WeightsWithinUnits(level=level_record(self.plan, ":".join(left)))
                self._told[left] = RefusedCovarianceOverWaves(reason=reason)
            except MLMError:
                pass
            else:
                bound = [group for group in groups if self._is_on_bound(fits, group)]
                if not bound and all(fit.converged for fit in fits.fits):
                    for group in groups:
                        self._told[group] = self._record(fits, group)
                    return
                if bound:
                    left = bound[0]
                    self._told[left] = RefusedCovarianceOverWaves(reason=OnBound())
            groups = [group for group in groups if group != left]

    def _fitted(self, groups: Sequence[Group]) -> DrawnFits:
        model = self.settled.model
        for group in groups:
            model = self._with_waves(model, group)
        return fit_draws(self.plan, model, self.settled.stats, self.settled)

    def form_of(self, group: Group) -> WaveForm:
        """The widest form that the waves and the number of units allow."""
        waves = len(self.plan.time.waves)
        parameters = waves * (waves + 1) // 2
        units = self.settled.stats.n_groups[":".join(group)]
        is_carried = waves <= MOST_WAVES and units >= UNITS_A_PARAMETER * parameters
        return "unstructured" if is_carried else "variances_by_wave"

    def _with_waves(self, model: Model, group: Group) -> Model:
        """The model with a covariance over waves for a level; its slopes are independent of it."""
        own = [term for term in model.random if term.group in (group, (*group, WAVE))]
        waves = Term((Factor(self.plan.time.factor),))
        name = ENGINE_FORMS.get(self.form_of(group), "us")
        slopes = [(r.group, tuple(t for t in r.terms if t.factors)) for r in own]
        over = [RandomTerm(group, (waves,), name)]
        over += [RandomTerm(of, terms) for of, terms in slopes if terms]
        return model.with_random([*(r for r in model.random if r not in own), *over])

    def _components(self, fits: DrawnFits, group: Group) -> list[PooledComponent]:
        """Its variances, then its covariances with their correlations."""
        random = fits.first.fit.model.random
        place = next(i for i, r in enumerate(random) if r.group == group and r.form is not None)
        return [
            part
            for part in fits.components
            if part.entry.place is not None and part.entry.place[0] == place
        ]

    def _is_on_bound(self, fits: DrawnFits, group: Group) -> bool:
        own = self._components(fits, group)
        places = [fits.components.index(part) for part in own]
        for part in fits.parts:
            covariance = _matrix(part.values[places], len(self.plan.time.waves))
            sds = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
            if sds.min() <= LEAST_SD * sds.max() or sds.max() <= 0.0:
                return True
            apart = np.abs(covariance / np.outer(sds, sds))[np.triu_indices(sds.size, 1)]
            if apart.max() > MOST_CORRELATION:
                return True
        return False

    def _record(self, fits: DrawnFits, group: Group) -> EstimatedCovarianceOverWaves:
        own, waves = self._components(fits, group), self.plan.time.waves
        places, drawn = [fits.components.index(part) for part in own], bool(fits.scores)
        variances, covariances = own[: len(waves)], own[len(waves) :]
        pairs = [(a, b) for a in range(len(waves)) for b in range(a + 1, len(waves))]
        parts = [_Transformed.of(part, places, len(waves)) for part in fits.parts]
        self._averages[group] = _average(fits, parts, len(waves))
        return EstimatedCovarianceOverWaves(
            form=self.form_of(group),
            formula=fits.naming.model.formula,
            holds_rows=fits.first.fit.residual == ":".join(group),
            sd=tuple(_root_of(estimate_from(part.value, drawn)) for part in variances),
            pairs=tuple(
                CorrelationOfWaves(
                    **dict(estimate_from(part.correlation, drawn)),
                    first=waves[a],
                    second=waves[b],
                )
                for part, (a, b) in zip(covariances, pairs, strict=True)
            ),
            alike=_alike(fits, parts, len(waves)),
        )


def _matrix(values: np.ndarray, waves: int) -> np.ndarray:
    """Covariance (T, T) from variances, then covariances of pairs."""
    out = np.diag(values[:waves]).astype(float)
    rows, columns = np.triu_indices(waves, 1)
    out[rows, columns] = out[columns, rows] = values[waves:]
    return out


class _Transformed:
    """Logarithms of variances and Fisher's z of correlations of a draw, with their errors.

    Attributes
    ----------
    values : ndarray (c,)
    covariance : ndarray (c, c) or None
    df : float
    """

    def __init__(self, values: np.ndarray, covariance: np.ndarray | None, df: float):
        self.values, self.covariance, self.df = values, covariance, df

    @classmethod
    def of(cls, part: Components, places: Sequence[int], waves: int) -> _Transformed:
        """From the (co)variances, by the delta method."""
        own, df = part.values[list(places)], float(part.degrees[list(places)].min())
        rows, columns = np.triu_indices(waves, 1)
        variances, pairs = own[:waves], waves + np.arange(rows.size)
        sds = np.sqrt(variances)
        apart = own[waves:] / (sds[rows] * sds[columns])
        values = np.concatenate([np.log(variances), np.arctanh(apart)])
        if part.covariance is None:
            return cls(values, None, df)
        slopes = np.zeros((own.size, own.size))
        slopes[range(waves), range(waves)] = 1.0 / variances
        slopes[pairs, pairs] = 1.0 / (sds[rows] * sds[columns] * (1.0 - apart**2))
        for ends in (rows, columns):
            slopes[pairs, ends] = -apart / (2.0 * variances[ends] * (1.0 - apart**2))
        return cls(values, slopes @ part.covariance[np.ix_(places, places)] @ slopes.T, df)


def _root_of(variance: SampledEstimate) -> SampledEstimate:
    """The standard deviation of a variance, its interval that of the variance."""
    sd = float(np.sqrt(variance.estimate))

    def halved(error: float | None) -> float | None:
        return None if error is None else error / (2.0 * sd)

    def root(end: float | None) -> float | None:
        return None if end is None else float(np.sqrt(max(end, 0.0)))

    return variance.model_copy(
        update={
            "estimate": sd,
            "std_error": halved(variance.std_error),
            "sampling_error": halved(variance.sampling_error),
            "measurement_error": halved(variance.measurement_error),
            "lower": root(variance.lower),
            "upper": root(variance.upper),
        }
    )


def _average(fits: DrawnFits, parts: Sequence[_Transformed], waves: int) -> SampledEstimate:
    """Mean correlation of the pairs, on the scale of Fisher's z."""
    means = np.array([part.values[waves:].mean() for part in parts])
    rates = np.tanh(means).reshape(fits.shape)
    if any(part.covariance is None for part in parts):
        return estimate_from(pooled_on(FISHER_Z, rates), bool(fits.scores))
    errors = np.array([part.covariance[waves:, waves:].mean() for part in parts])
    scaled = (errors * (1.0 - np.tanh(means) ** 2) ** 2).reshape(fits.shape)
    df = float(np.mean([part.df for part in parts]))
    return estimate_from(pooled_on(FISHER_Z, rates, scaled, df), bool(fits.scores))


def _alike(fits: DrawnFits, parts: Sequence[_Transformed], waves: int) -> SampledTest:
    """That all variances are one, and all correlations."""
    if any(part.covariance is None for part in parts):
        return RefusedSampledTest(reason=NotEstimable())
    size = parts[0].values.size
    contrasts = np.eye(size)
    contrasts[1:waves, 0] = -1.0
    contrasts[waves + 1 :, waves] = -1.0
    own = np.delete(contrasts, [0, waves], axis=0)
    estimates = np.array([own @ part.values for part in parts])
    covariances = np.array([own @ part.covariance @ own.T for part in parts])
    return fits.joint(estimates, covariances, fits.df)
