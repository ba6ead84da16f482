"""Numbers behind a fit that converged."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlm.results.fit import SearchCertificate
from mlm.results.record import finite
from mlm.statistics.fitting.newton import Optimum
from mlm.statistics.likelihood.identification import Identification


@dataclass(frozen=True)
class Certificate:
    """Why an optimum is believed to be one.

    Attributes
    ----------
    decrement : float
        Deviance that one more Newton step over the free parameters could gain.
    boundary_slope : float
        Smallest slope of the criterion into the admissible region at a bound (0 in the interior).
    max_scaled_gradient : float
        Largest derivative by a free parameter times the parameter's standard error, no unit.
    evaluations : int
        Evaluations of the criterion.
    condition : float
        Largest factor by which the variance of an estimated (co)variance grows because the others
        are estimated too, at random effects that do not vary; 1 is the least. That of a model of
        the sample with more fixed terms, if it was fitted before: nearly the same.
    weak : tuple of str
        Grouping factors whose (co)variances the data can hardly tell from the others.
    """

    decrement: float
    boundary_slope: float
    max_scaled_gradient: float
    evaluations: int
    condition: float = 1.0
    weak: tuple[str, ...] = ()

    @classmethod
    def of(cls, best: Optimum, found: Identification) -> Certificate:
        """The certificate of an optimum, given how well the variances are told apart."""
        bend = np.diagonal(best.curvature.hessian)
        curved = bend > 0.0
        slope = best.gradient[best.curvature.free][curved]
        scaled = np.abs(slope) * np.sqrt(2.0 / bend[curved])
        return cls(
            decrement=float(best.decrement),
            boundary_slope=float(best.boundary_slope),
            max_scaled_gradient=float(scaled.max(initial=0.0)),
            evaluations=best.evaluations,
            condition=found.condition,
            weak=tuple(part.group for part in found.weak),
        )

    def to_record(self) -> SearchCertificate:
        """The certificate as it is stored."""
        return SearchCertificate(
            decrement=finite(self.decrement),
            boundary_slope=finite(self.boundary_slope),
            max_scaled_gradient=finite(self.max_scaled_gradient),
            evaluations=self.evaluations,
            condition=self.condition,
            weak=[group.split(":") for group in self.weak],
        )

    @classmethod
    def from_record(cls, stored: SearchCertificate) -> Certificate:
        """The certificate that was stored."""
        return cls(
            decrement=infinite(stored.decrement),
            boundary_slope=infinite(stored.boundary_slope),
            max_scaled_gradient=infinite(stored.max_scaled_gradient),
            evaluations=stored.evaluations,
            condition=stored.condition,
            weak=tuple(":".join(ids) for ids in stored.weak),
        )


def infinite(value: float | None) -> float:
    """A stored number; one without bound where none is stored."""
    return math.inf if value is None else value
