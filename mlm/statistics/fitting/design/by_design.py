"""What a fit tells of the design of its sample."""

from __future__ import annotations

import numpy as np

from mlm.errors import StatisticsError
from mlm.statistics.fitting.design.record import DesignErrors
from mlm.statistics.fitting.design.replicate_variance import combined_degrees


class ByDesign:
    """A base of fits: ``design`` is None where rows do not weigh."""

    deviance: float
    names: tuple[str, ...]
    covariance: np.ndarray
    degrees: np.ndarray
    design: DesignErrors | None

    @property
    def log_pseudo_likelihood(self) -> float:
        """Logarithm of the weighted likelihood, in the unit of the weights.

        Raises
        ------
        StatisticsError
            Where rows have no sampling weights.
        """
        self._of_design("log_pseudo_likelihood")
        return -0.5 * self.deviance

    @property
    def n_psu(self) -> int:
        """Clusters of the sample; errors as ``log_pseudo_likelihood``."""
        return self._of_design("n_psu").n_psu

    @property
    def df_design(self) -> float:
        """Degrees of freedom of the design; errors as ``log_pseudo_likelihood``."""
        return self._of_design("df_design").df

    def degrees_of(self, weights: np.ndarray) -> float:
        """Degrees of freedom of combinations (c, p) of the coefficients, of the design.

        Those of linearised errors are the clusters less the strata where several are tested
        together (Korn and Graubard 1990, Am. Statist. 44, 270-276).
        """
        design = self._of_design("degrees_of")
        if len(weights) > 1 and design.method == "linearised":
            return design.df
        return combined_degrees(weights, self.covariance, self.degrees)

    @property
    def design_effect(self):
        """Series, index = term: variance of each coefficient over that of the model alone."""
        import pandas as pd

        found = self._of_design("design_effect").design_effect
        return pd.Series(found, pd.Index(self.names, name="term"))

    @property
    def shares(self):
        """DataFrame, index = group: share, std_error, lower, upper (95 %), df, by the design.

        Of the variance that the fixed part leaves; of fits without weights ``profile_intervals``
        has them.
        """
        import pandas as pd

        names = ["group", "share", "std_error", "lower", "upper", "df"]
        rows = [vars(share) for share in self._of_design("shares").shares]
        return pd.DataFrame(rows)[names].set_index("group")

    def told_of_design(self) -> list[str]:
        """What a summary says of the weights: one line, none where rows do not weigh."""
        found = self.design
        if found is None:
            return []
        mean = ", ".join(found.sampling.mean_weights)
        own = f"; {mean}: mean weight of the rows" if mean else ""
        return [
            f"weights {found.sampling.are}, scaled: {found.sampling.scaling}{own}; their sum is "
            f"{found.weight:,.0f}, worth {found.effective:,.0f} rows of equal weight"
        ]

    def _of_design(self, what: str) -> DesignErrors:
        if self.design is None:
            raise StatisticsError(
                f"{what} is known of fits with a sampling design; expected design=... at the fit."
            )
        return self.design
