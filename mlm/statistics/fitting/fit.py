"""The conclusion: a fitted model, and how it is stored."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mlm.errors import ModelError, ResultError, StatisticsError
from mlm.nouns.distributions import student_quantile, student_tail
from mlm.nouns.formula import parse_formula
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import INTERCEPT, Model
from mlm.results.coefficient import Term
from mlm.results.fit import CategoriesOfVariable, GroupCount, RatioOfCategory, StoredFit
from mlm.results.record import finites
from mlm.results.sample import RowsWithout
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.certificate import Certificate, infinite
from mlm.statistics.fitting.design.by_design import ByDesign
from mlm.statistics.fitting.design.record import DesignErrors
from mlm.statistics.likelihood.evaluation import Criterion, InformationCriteria


@dataclass(frozen=True)
class Fit(InformationCriteria, ByDesign):
    """A fitted model.

    Attributes
    ----------
    model : Model
        The claim, its random terms ordered from the most groups to the fewest (as lme4).
    criterion : str
        ``"ML"`` or ``"REML"``.
    deviance : float
        -2 log likelihood (ML) or the REML criterion, with lme4's constants.
    names, terms : tuple of str
        Names of the p fixed columns, and the term of each.
    coefficients : tuple of Term
        What each of them stands for, by variable and category.
    beta, covariance : ndarray (p,), (p, p)
        Fixed effects and their covariance, in units of the response per unit of the variable.
    degrees : ndarray (p,)
        Satterthwaite degrees of freedom of each fixed effect.
    random_names : tuple of tuple of str
        Names of the columns of each random term.
    random_coefficients : tuple of tuple of Term
        What each of them stands for.
    omegas : tuple of ndarray (q, q)
        Covariance matrix over sigma2 of each random term.
    theta, gradient : ndarray (t,)
        Relative Cholesky factors as lme4 orders them, and the derivative of the criterion by them.
    sigma2 : float
        Residual variance, in squared units of the response.
    n_obs : int
        Rows in the sample.
    n_groups : dict of str to int
        Groups of each level.
    categories : dict of str to tuple of str
        Categories of the categorical variables, the reference first.
    is_singular, converged : bool
        A variance or a determinant at zero; an optimum with a certificate.
    certificate : Certificate
        Numbers behind ``converged``.
    aliased : tuple of str
        Names of fixed columns left out because the others determine them.
    aliased_coefficients : tuple of Term
        What each of them stands for.
    dropped : dict of str to int
        Rows left out for a missing value, by variable.
    fingerprint : str
        Identity of the analysis sample.
    precision : str or None
        Column of known precisions: a row's residual variance is ``sigma2`` over its precision.
    n_covariance : int or None
        Parameters of the covariance where random terms have forms; None: theta and ``sigma2``.
    residual : str or None
        Grouping factor of the term in the residual's place: ``omegas`` and ``sigma2`` then split
        its covariance ``sigma2 (omega + I)`` at will. None: ``sigma2`` is the residual variance.
    ratios : dict of str to float or None
        Residual variance over ``sigma2`` in each category of ``model.residual``, of which the mean
        over the rows is one: ``sigma2`` is the mean residual variance. None: one for all rows.
    design : DesignErrors or None
        Where rows have sampling weights: errors by the design of the sample. ``covariance`` and
        ``degrees`` are then those of the design, and ``deviance`` is -2 log pseudo-likelihood in
        the unit of the weights.
    """

    model: Model
    criterion: Criterion
    deviance: float
    names: tuple[str, ...]
    terms: tuple[str, ...]
    coefficients: tuple[Term, ...]
    beta: np.ndarray
    covariance: np.ndarray
    degrees: np.ndarray
    random_names: tuple[tuple[str, ...], ...]
    random_coefficients: tuple[tuple[Term, ...], ...]
    omegas: tuple[np.ndarray, ...]
    theta: np.ndarray
    gradient: np.ndarray
    sigma2: float
    n_obs: int
    n_groups: dict[str, int]
    categories: dict[str, tuple[str, ...]]
    is_singular: bool
    converged: bool
    certificate: Certificate
    aliased: tuple[str, ...] = ()
    aliased_coefficients: tuple[Term, ...] = ()
    dropped: dict[str, int] | None = None
    fingerprint: str = ""
    precision: str | None = None
    n_covariance: int | None = None
    residual: str | None = None
    ratios: dict[str, float] | None = None
    design: DesignErrors | None = None

    @property
    def is_reml(self) -> bool:
        """Whether the REML criterion was optimised."""
        return self.criterion == "REML"

    @property
    def formula(self) -> str:
        """The model as an lme4 formula."""
        return self.model.formula

    @property
    def n_params(self) -> int:
        """Fixed effects, variances, covariances and the residual variances."""
        further = 0 if self.ratios is None else len(self.ratios) - 1
        if self.n_covariance is not None:
            return self.beta.size + self.n_covariance + further
        return self.beta.size + self.theta.size + 1 + further

    @property
    def residual_variances(self) -> dict[str, float]:
        """Residual variance in each category of ``model.residual``; empty where it is one.

        In squared units of the response.
        """
        return {name: self.sigma2 * ratio for name, ratio in (self.ratios or {}).items()}

    @property
    def in_place(self) -> tuple[bool, ...]:
        """Which random term has taken the place of the residual."""
        forms = (term.form is not None and term.name == self.residual for term in self.model.random)
        return tuple(forms)

    @property
    def covariances(self) -> tuple[np.ndarray, ...]:
        """Covariance (q, q) of the effects of each random term, in squared units of the response.

        A term in the residual's place has its whole covariance.
        """
        pairs = zip(self.omegas, self.in_place, strict=True)
        return tuple(self.sigma2 * (omega + own * np.eye(len(omega))) for omega, own in pairs)

    @property
    def residual_variance(self) -> float:
        """Residual variance, in squared units of the response; 0 where a term has its place."""
        return self.sigma2 if self.residual is None else 0.0

    @property
    def fixed_effects(self):
        """DataFrame, index = term: estimate, std_error, z, df, p_value, lower, upper (95 %).

        ``z`` is estimate over standard error, referred to Student's t with ``df`` degrees of
        freedom (Satterthwaite).
        """
        import pandas as pd

        return pd.DataFrame(self.fixed_columns(), index=pd.Index(self.names, name="term"))

    def fixed_columns(self) -> dict[str, np.ndarray]:
        """Columns of ``fixed_effects``, each of shape (p,)."""
        error = np.sqrt(np.diagonal(self.covariance))
        z = self.beta / error
        reach = student_quantile(0.975, self.degrees) * error
        return {
            "estimate": self.beta,
            "std_error": error,
            "z": z,
            "df": self.degrees,
            "p_value": 2.0 * student_tail(np.abs(z), self.degrees),
            "lower": self.beta - reach,
            "upper": self.beta + reach,
        }

    @property
    def variance_components(self):
        """DataFrame with the columns group, term1, term2, variance, sd.

        A row with ``term2`` holds a covariance under ``variance`` and a correlation under ``sd``.
        The last row is the group ``residual``, unless a term has taken its place; one a category
        where its variance differs between them. With sampling weights there is ``std_error`` of the
        (co)variances too, and by the jackknife ``corrected``, without the bias of few clusters.
        """
        import pandas as pd

        rows = []
        for term, names, covariance in zip(
            self.model.random, self.random_names, self.covariances, strict=True
        ):
            rows += _component_rows(term.name, names, covariance)
        if self.residual is None:
            rows += [
                (RESIDUAL, name, None, variance, math.sqrt(variance))
                for name, variance in self._residual_rows().items()
            ]
        frame = pd.DataFrame(rows, columns=["group", "term1", "term2", "variance", "sd"])
        frame["term2"] = frame["term2"].astype(object).where(frame["term2"].notna(), None)
        if self.design is not None:
            frame["std_error"] = np.sqrt(np.diagonal(self.design.variance_covariance))
            if self.design.corrected is not None:
                frame["corrected"] = self.design.corrected
        return frame

    def _residual_rows(self) -> dict[str, float]:
        """Residual variances by name of what they hold for."""
        if self.ratios is None:
            return {INTERCEPT: self.sigma2}
        found = self.residual_variances.items()
        return {f"{self.model.residual}[{name}]": variance for name, variance in found}

    def variance(self, group: str, term: str = INTERCEPT) -> float:
        """Variance of one random effect, or of the residual with ``group="residual"``.

        Where it differs between categories, its mean over the rows, or that of
        ``term="wave[2010]"``.
        """
        if group == RESIDUAL and self.residual is None:
            return self.sigma2 if term == INTERCEPT else self._residual_rows()[term]
        for random, names, covariance in zip(
            self.model.random, self.random_names, self.covariances, strict=True
        ):
            if random.name == group and term in names:
                return float(covariance[names.index(term), names.index(term)])
        raise KeyError(f"no random effect of {term} over {group} in {self.formula}")

    def summary(self) -> str:
        """The fit as text: formula, criterion, variance components, fixed effects."""
        groups = ", ".join(f"{name} {count}" for name, count in self.n_groups.items())
        state = "converged" if self.converged else "NOT converged"
        singular = ", singular (a variance or correlation on its bound)" if self.is_singular else ""
        lines = [
            self.formula,
            f"{self.criterion}: deviance {self.deviance:.4f}, "
            f"AIC {self.aic:.4f}, BIC {self.bic:.4f}"
            if self.design is None
            else f"ML (pseudo-likelihood): log likelihood {self.log_pseudo_likelihood:.4f}, "
            f"{self.n_psu} clusters, {self.df_design:.0f} degrees of freedom, errors "
            f"{self.design.method}",
            f"{self.n_obs} rows; groups: {groups or 'none'}; {state}{singular}",
            *self.told_of_design(),
            "",
            "Variance components (covariances and correlations in rows with two terms)",
            self.variance_components.to_string(index=False, float_format="{:.6g}".format),
            "",
            "Fixed effects",
            self.fixed_effects.to_string(float_format="{:.6g}".format),
        ]
        return "\n".join(lines)

    def with_design(self, design: DesignErrors) -> Fit:
        """The same with other errors by the design of its sample."""
        degrees = design.degrees[: design.n_fixed]
        return replace(self, covariance=design.fixed_covariance, degrees=degrees, design=design)

    def to_record(self) -> StoredFit:
        """The fit as it is stored, every digit kept; the inverse is ``from_record``."""
        return StoredFit(
            formula=self.formula,
            criterion=self.criterion,
            deviance=self.deviance,
            n_params=self.n_params,
            aic=None if self.design else self.aic,
            bic=None if self.design else self.bic,
            names=self.names,
            terms=self.terms,
            coefficients=self.coefficients,
            beta=self.beta.tolist(),
            covariance=self.covariance.tolist(),
            degrees=finites(self.degrees.tolist()),
            random_names=self.random_names,
            random_coefficients=self.random_coefficients,
            omegas=[omega.tolist() for omega in self.omegas],
            theta=self.theta.tolist(),
            gradient=self.gradient.tolist(),
            sigma2=self.sigma2,
            n_obs=self.n_obs,
            n_groups=[GroupCount(ids=k.split(":"), n=n) for k, n in self.n_groups.items()],
            categories=[
                CategoriesOfVariable(variable=v, categories=c) for v, c in self.categories.items()
            ],
            is_singular=self.is_singular,
            converged=self.converged,
            certificate=self.certificate.to_record(),
            aliased=self.aliased,
            aliased_coefficients=self.aliased_coefficients,
            dropped=_stored_rows(self.dropped),
            fingerprint=self.fingerprint,
            precision=self.precision,
            n_covariance=self.n_covariance,
            residual=None if self.residual is None else self.residual.split(":"),
            ratios=None
            if self.ratios is None
            else [RatioOfCategory(category=c, ratio=r) for c, r in self.ratios.items()],
            design=None if self.design is None else self.design.to_record(),
        )

    @classmethod
    def from_record(cls, stored: StoredFit) -> Fit:
        """The fit that was stored as such a record."""
        dropped = stored.dropped
        return cls(
            model=parse_formula(stored.formula),
            criterion=stored.criterion,
            deviance=stored.deviance,
            names=stored.names,
            terms=stored.terms,
            coefficients=stored.coefficients,
            beta=np.array(stored.beta),
            covariance=np.array(stored.covariance).reshape(len(stored.beta), len(stored.beta)),
            degrees=np.array([infinite(df) for df in stored.degrees]),
            random_names=stored.random_names,
            random_coefficients=stored.random_coefficients,
            omegas=tuple(np.array(omega) for omega in stored.omegas),
            theta=np.array(stored.theta),
            gradient=np.array(stored.gradient),
            sigma2=stored.sigma2,
            n_obs=stored.n_obs,
            n_groups={":".join(count.ids): count.n for count in stored.n_groups},
            categories={item.variable: item.categories for item in stored.categories},
            is_singular=stored.is_singular,
            converged=stored.converged,
            certificate=Certificate.from_record(stored.certificate),
            aliased=stored.aliased,
            aliased_coefficients=stored.aliased_coefficients,
            dropped=None if dropped is None else {item.variable: item.rows for item in dropped},
            fingerprint=stored.fingerprint,
            precision=stored.precision,
            n_covariance=stored.n_covariance,
            residual=None if stored.residual is None else ":".join(stored.residual),
            ratios=None
            if stored.ratios is None
            else {item.category: item.ratio for item in stored.ratios},
            design=None if stored.design is None else DesignErrors.from_record(stored.design),
        )

    def to_json(self, path: str | Path) -> None:
        """Write the fit to a JSON file, described in ``docs/fit.schema.json``."""
        Path(path).write_text(self.to_record().to_json(), encoding="utf-8")

    @classmethod
    def from_json(cls, path: str | Path) -> Fit:
        """The fit that ``to_json`` wrote.

        Raises
        ------
        ResultError
            When the file is not a stored fit.
        """
        try:
            return cls.from_record(StoredFit.load(path))
        except (OSError, ModelError) as error:
            raise ResultError(f"{path}: not a stored fit ({error}).") from error


def _stored_rows(dropped: dict[str, int] | None) -> list[RowsWithout] | None:
    """Rows left out by variable; None where they were not counted."""
    if dropped is None:
        return None
    return [RowsWithout(variable=variable, rows=rows) for variable, rows in dropped.items()]


def _component_rows(group: str, names: tuple[str, ...], covariance: np.ndarray) -> list[tuple]:
    sd = np.sqrt(np.diagonal(covariance))
    rows: list[tuple] = [
        (group, name, None, float(covariance[i, i]), float(sd[i])) for i, name in enumerate(names)
    ]
    for j in range(len(names)):
        for i in range(j + 1, len(names)):
            product = sd[i] * sd[j]
            correlation = float(covariance[i, j] / product) if product > 0.0 else math.nan
            rows.append((group, names[j], names[i], float(covariance[i, j]), correlation))
    return rows


def check_sample(fit: Fit, stats: CrossProducts) -> None:
    """Raise StatisticsError unless these are the cross-products that the fit was made from."""
    if stats.fingerprint(fit.model.response) != fit.fingerprint:
        raise StatisticsError(
            "these data are not the sample of the fit (their fingerprints differ). Give the rows, "
            "or the cross-products, that the model was fitted to."
        )
