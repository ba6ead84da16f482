"""A model whose residual variance differs between strata, such as waves: rows that are weighted.

With ``sigma^2 v_t`` the residual variance of stratum t, ``V = sigma^2 (Z Omega Z' + D)``, D
diagonal with v_t. All that the likelihood needs are cross-products with ``D^-1`` between the
columns: sums over the strata of theirs over v_t. The ratios v_t average to one over the rows, so
that ``sigma^2`` is the mean residual variance of a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import ModelError
from mlm.nouns.model import Model
from mlm.statistics.likelihood.criterion import directions_of, evaluate
from mlm.statistics.likelihood.evaluation import Criterion, Evaluation
from mlm.statistics.likelihood.refusals import NotWhereCrossed
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.structure import StrataParts
from mlm.statistics.likelihood.working import Working

RATIO_STEP = 1e-2  # of the logarithm of a ratio, for differences of the fourth order
LEAST_ROWS = 2  # of a stratum
STENCIL = {-2.0: 1.0 / 12.0, -1.0: -2.0 / 3.0, 1.0: 2.0 / 3.0, 2.0: -1.0 / 12.0}


@dataclass(frozen=True)
class ResidualStrata:
    """The working statistics of each stratum of a model, in one working basis.

    Attributes
    ----------
    variable : str
        The variable whose categories are the strata.
    rows : dict of str to float
        Rows n_t of each stratum.
    parts : StrataParts
        Sums of each stratum.
    frame : Working
        The model with equal residual variances.
    """

    variable: str
    rows: dict[str, float]
    parts: StrataParts
    frame: Working

    @property
    def counts(self) -> np.ndarray:
        """Rows of each stratum, (T,)."""
        return np.array(list(self.rows.values()))

    def named(self, ratios: Sequence[float]) -> dict[str, float]:
        """Ratios (T,) by the category."""
        return dict(zip(self.rows, map(float, ratios), strict=True))

    def ordered(self, ratios: Mapping[str, float] | None) -> np.ndarray:
        """Ratios (T,) in the order of the strata; equal ones where none are given."""
        return np.array([1.0 if ratios is None else ratios[name] for name in self.rows])

    def at(self, ratios: np.ndarray) -> Working:
        """The working statistics at ratios (T,) of the residual variances."""
        weights = 1.0 / ratios
        return replace(
            self.frame,
            total=np.tensordot(weights, self.parts.totals, axes=1),
            structure=self.frame.structure.weighed(self.parts, weights),
            log_weights=-float(self.counts @ np.log(ratios)),
            strata=self,
            ratios=ratios,
        )

    def slopes(
        self,
        at: Evaluation,
        ratios: np.ndarray,
        criterion: Criterion,
        working: Working,
        scratch: Scratch,
    ) -> np.ndarray:
        """Derivative (T,) of the criterion by the logarithm of each ratio, the Omegas held.

        Parameters
        ----------
        at : Evaluation
            The criterion at the ratios, with what the elimination left behind.
        ratios : ndarray (T,)
        criterion : {"ML", "REML"}
        working : Working
            As made by ``at(ratios)``.
        scratch : Scratch
            That of the evaluation.
        """
        try:
            directions = directions_of(working, at, criterion)
            return self.slopes_along(working, at, directions, scratch)
        except NotWhereCrossed:
            return self._by_differences(at, ratios, criterion)

    def slopes_along(
        self, working: Working, at: Evaluation, directions: np.ndarray, scratch: Scratch
    ) -> np.ndarray:
        """Derivative (T,) of ``log|V| + trace(F F' A)`` by the logarithm of each ratio, F held.

        The rows of a stratum less what its squared residuals and leverages take up.

        Raises
        ------
        NotWhereCrossed
            Where units are crossed.
        """
        weights = 1.0 / working.ratios
        taken_up = working.structure.row_slopes(self.parts, weights, at, directions, scratch)
        return self.counts - taken_up / working.ratios

    def _by_differences(self, at: Evaluation, ratios, criterion: Criterion) -> np.ndarray:
        out = np.zeros(ratios.size)
        for t in range(ratios.size):
            for step, weight in STENCIL.items():
                moved = ratios.copy()
                moved[t] *= np.exp(step * RATIO_STEP)
                found = evaluate(self.at(moved), list(at.omegas), criterion)
                out[t] += weight * found.deviance / RATIO_STEP
        return out


def check_residual(working: Working) -> None:
    """Refuse residual variances beside a term that takes the residual's place.

    Raises
    ------
    ModelError
        Naming both.
    """
    model = working.model
    for term, block in zip(model.random, working.blocks, strict=True):
        if block.is_residual:
            raise ModelError(
                f"{model.formula}: {term} takes the residual's place, its units having one row "
                f"each in a category; no residual variance by {model.residual} is left beside it. "
                "Leave one of them out: variances by wave are in the form of the other."
            )


def check_rows(model: Model, rows: Mapping[str, float]) -> None:
    """Refuse categories with too few rows for a residual variance.

    Raises
    ------
    ModelError
        Naming them.
    """
    few = [f"{name} ({n:.0f})" for name, n in rows.items() if n < LEAST_ROWS]
    if len(rows) < 2 or few:
        found = f"categories with fewer than {LEAST_ROWS} rows: {', '.join(few)}"
        found = found if few else f"{len(rows)} category"
        raise ModelError(
            f"residual variances by {model.residual}: {found}; expected two categories or more, "
            "each with rows enough for a variance. Leave those rows out, or let one residual "
            "variance hold for all."
        )
