"""The conclusion of several fits of one model, to imputations or plausible values."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from mlm.errors import NotPooled
from mlm.nouns.distributions import student_quantile, student_tail
from mlm.nouns.model import Model
from mlm.nouns.plausible_values import PlausibleValues
from mlm.results.coefficient import Term
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.pooling.pooled_components import PooledComponent, PooledShare
from mlm.statistics.pooling.rubin import Pooled
from mlm.statistics.pooling.scales import PooledQuantity

OF_ONE_FIT = {name for name in (*dir(Fit), *Fit.__dataclass_fields__) if not name.startswith("_")}
"""What a fit has, and a pooled one may lack."""

ERRORS = [item.name for item in fields(PooledQuantity) if item.name not in ("estimate", "scale")]


@dataclass(frozen=True)
class PooledFit:
    """One conclusion of M fits of a model that differ in what was imputed.

    Attributes
    ----------
    model : Model
        The claim, by the names of the scores where plausible values were fitted.
    names, terms : tuple of str
        Names of the p fixed columns, and the term of each.
    coefficients : tuple of Term
        What each of them stands for, by variable and category.
    fits : tuple of Fit
        One a draw, in order.
    effects : Pooled
        The fixed effects by Rubin's rules.
    components : tuple of PooledComponent
        Variances and covariances, in the order of the table.
    random_names : tuple of tuple of str
        Names of the columns of each random term.
    level_shares : tuple of PooledShare or None
        Shares of the variance; None: with random slopes they need the sample.
    scores : tuple of PlausibleValues
        Scores whose plausible values were fitted; empty for imputations.
    nests : int or None
        Nests of the draws, where they are nested; the fits come nest by nest.
    """

    model: Model
    names: tuple[str, ...]
    terms: tuple[str, ...]
    coefficients: tuple[Term, ...]
    fits: tuple[Fit, ...]
    effects: Pooled
    components: tuple[PooledComponent, ...]
    random_names: tuple[tuple[str, ...], ...]
    level_shares: tuple[PooledShare, ...] | None = None
    scores: tuple[PlausibleValues, ...] = ()
    nests: int | None = None

    def __getattr__(self, name: str):
        if name in OF_ONE_FIT:
            raise NotPooled(
                f"a pooled fit has no {name}: each of its fits has its own, fits[m].{name}. Test "
                "terms by mlm.wald_test and compare models by mlm.likelihood_ratio_test."
            )
        raise AttributeError(f"a pooled fit has no {name}.")

    @property
    def formula(self) -> str:
        """The model as an lme4 formula."""
        return self.model.formula

    @property
    def criterion(self) -> str:
        """What every fit optimised."""
        return self.fits[0].criterion

    @property
    def n_obs(self) -> int:
        """Rows of each fit; those of the smallest where imputed files differ."""
        return min(fit.n_obs for fit in self.fits)

    @property
    def n_groups(self) -> dict[str, int]:
        """Groups of each level, of the first fit."""
        return self.fits[0].n_groups

    @property
    def n_params(self) -> int:
        """Parameters of each fit."""
        return self.fits[0].n_params

    @property
    def beta(self) -> np.ndarray:
        """Fixed effects (p,)."""
        return self.effects.estimate

    @property
    def covariance(self) -> np.ndarray:
        """Their covariance (p, p), sampling and imputation together."""
        return self.effects.total

    @property
    def degrees(self) -> np.ndarray:
        """Degrees of freedom (p,) of Barnard and Rubin."""
        return self.effects.df

    @property
    def categories(self) -> dict[str, tuple[str, ...]]:
        """Categories of the categorical variables, the reference first."""
        return self.fits[0].categories

    @property
    def sigma2(self) -> float:
        """Mean of the residual variances."""
        return float(np.mean([fit.sigma2 for fit in self.fits]))

    @property
    def converged(self) -> bool:
        """Whether every fit has a certificate."""
        return all(fit.converged for fit in self.fits)

    @property
    def n_singular(self) -> int:
        """Fits with a variance or a correlation on its bound."""
        return sum(fit.is_singular for fit in self.fits)

    @property
    def n_psu(self) -> int:
        """Clusters of the sample; a StatisticsError where there is no sampling design."""
        return self.fits[0].n_psu

    @property
    def df_design(self) -> float:
        """Degrees of freedom of the design; errors as ``n_psu``."""
        return min(fit.df_design for fit in self.fits)

    @property
    def design_effect(self):
        """Series, index = term: mean over the fits of the design effect of each coefficient."""
        import pandas as pd

        found = np.mean([fit.design_effect for fit in self.fits], axis=0)
        return pd.Series(found, pd.Index(self.names, name="term"))

    @property
    def fixed_effects(self):
        """DataFrame, index = term: the fixed effects with both parts of their errors.

        The square of ``std_error`` is that of ``sampling_error`` and of ``imputation_error``
        together. ``t`` is referred to ``df`` degrees of freedom (Barnard and Rubin); ``lower`` and
        ``upper`` are 95 %. ``riv`` is the relative increase of variance by imputation, ``fmi`` the
        fraction of missing information.
        """
        import pandas as pd

        found = self.effects
        ratio = found.estimate / found.std_error
        reach = student_quantile(0.975, found.df) * found.std_error
        columns = {
            "estimate": found.estimate,
            "std_error": found.std_error,
            "sampling_error": found.sampling_error,
            "imputation_error": found.imputation_error,
            "t": ratio,
            "df": found.df,
            "p_value": 2.0 * student_tail(np.abs(ratio), found.df),
            "lower": found.estimate - reach,
            "upper": found.estimate + reach,
            "riv": found.riv,
            "fmi": found.fmi,
        }
        return pd.DataFrame(columns, index=pd.Index(self.names, name="term"))

    @property
    def variance_components(self):
        """DataFrame: group, term1, term2, variance, sd, and the errors of ``variance``.

        ``variance`` is the mean over the fits, ``sd`` its root; a row with ``term2`` holds a
        covariance and a correlation. ``lower`` and ``upper`` of a variance are made on the scale of
        logarithms; ``on_bound`` counts the fits that estimate it as zero. By the jackknife there is
        ``corrected`` too, the mean without the bias of few clusters.
        """
        rows = [
            (*_head(part), part.value.estimate, part.sd, part.value) for part in self.components
        ]
        table = _table(rows, ["group", "term1", "term2", "variance", "sd"])
        designs = [fit.design for fit in self.fits]
        if all(design is not None and design.corrected is not None for design in designs):
            table["corrected"] = np.mean([design.corrected for design in designs], axis=0)
        return table

    @property
    def correlations(self):
        """DataFrame: group, term1, term2, correlation, and its errors, by Fisher's z."""
        found = [part for part in self.components if part.correlation is not None]
        rows = [(*_head(part), part.correlation.estimate, part.correlation) for part in found]
        return _table(rows, ["group", "term1", "term2", "correlation"])

    @property
    def shares(self):
        """DataFrame, index = group: share of the variance, and its errors, on the scale of logits.

        Raises
        ------
        NotPooled
            With random slopes, where the sample is not known, or residual variances that differ.
        """
        if self.level_shares is None:
            raise NotPooled(
                "shares of the variance need the sample where there are random slopes, and one "
                "residual variance. Give the rows or cross-products of each fit to mlm.pool, data=."
            )
        rows = [(part.group, part.value.estimate, part.value) for part in self.level_shares]
        return _table(rows, ["group", "share"]).set_index("group")

    def summary(self) -> str:
        """The fit as text: formula, variance components, fixed effects."""
        groups = ", ".join(f"{name} {count}" for name, count in self.n_groups.items())
        state = "converged" if self.converged else "NOT all converged"
        lines = [
            self.formula,
            f"{len(self.fits)} fits by {self.criterion}, {state}; {self.n_singular} singular",
            f"{self.n_obs} rows; groups: {groups or 'none'}",
            "",
            "Variance components (covariances and correlations in rows with two terms)",
            self.variance_components.to_string(index=False, float_format="{:.6g}".format),
            "",
            "Fixed effects",
            self.fixed_effects.to_string(float_format="{:.6g}".format),
        ]
        return "\n".join(lines)


def _head(part: PooledComponent) -> tuple[str, str | None, str | None]:
    return part.entry.group, part.entry.term1, part.entry.term2


def _table(rows: list[tuple], names: list[str]):
    """Rows that end with a pooled quantity as a frame with its errors."""
    import pandas as pd

    flat = [(*row[:-1], *(getattr(row[-1], name) for name in ERRORS)) for row in rows]
    frame = pd.DataFrame(flat, columns=[*names, *ERRORS])
    if "term2" in frame:
        frame["term2"] = frame["term2"].astype(object).where(frame["term2"].notna(), None)
    return frame
