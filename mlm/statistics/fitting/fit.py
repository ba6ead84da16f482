"""The conclusion: a fitted model, and how it is stored."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mlm.errors import ResultError, StatisticsError
from mlm.nouns.formula import parse_formula
from mlm.nouns.model import INTERCEPT, Model
from mlm.results.coefficient import Factor, Term
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.evaluation import Criterion

FIT_SCHEMA = 2


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
    """

    decrement: float
    boundary_slope: float
    max_scaled_gradient: float
    evaluations: int


@dataclass(frozen=True)
class Fit:
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
        """Fixed effects, variances, covariances and the residual variance."""
        return self.beta.size + self.theta.size + 1

    @property
    def aic(self) -> float:
        """Criterion plus twice the number of parameters."""
        return self.deviance + 2.0 * self.n_params

    @property
    def bic(self) -> float:
        """Criterion plus log(rows) times the number of parameters."""
        return self.deviance + math.log(self.n_obs) * self.n_params

    @property
    def fixed_effects(self):
        """DataFrame, index = term: estimate, std_error, z, df, p_value, lower, upper (95 %).

        ``z`` is estimate over standard error, referred to Student's t with ``df`` degrees of
        freedom (Satterthwaite).
        """
        import pandas as pd
        from scipy.stats import t as student

        error = np.sqrt(np.diagonal(self.covariance))
        z = self.beta / error
        df = self.degrees
        reach = student.ppf(0.975, df) * error
        columns = {
            "estimate": self.beta,
            "std_error": error,
            "z": z,
            "df": df,
            "p_value": 2.0 * student.sf(np.abs(z), df),
            "lower": self.beta - reach,
            "upper": self.beta + reach,
        }
        return pd.DataFrame(columns, index=pd.Index(self.names, name="term"))

    @property
    def variance_components(self):
        """DataFrame with the columns group, term1, term2, variance, sd.

        A row with ``term2`` holds a covariance under ``variance`` and a correlation under ``sd``.
        The last row is the group ``residual``.
        """
        import pandas as pd

        rows = []
        for term, names, omega in zip(
            self.model.random, self.random_names, self.omegas, strict=True
        ):
            rows += _component_rows(term.name, names, self.sigma2 * omega)
        rows.append(("residual", INTERCEPT, None, self.sigma2, math.sqrt(self.sigma2)))
        frame = pd.DataFrame(rows, columns=["group", "term1", "term2", "variance", "sd"])
        frame["term2"] = frame["term2"].astype(object).where(frame["term2"].notna(), None)
        return frame

    def variance(self, group: str, term: str = INTERCEPT) -> float:
        """Variance of one random effect, or of the residual with ``group="residual"``."""
        if group == "residual":
            return self.sigma2
        for random, names, omega in zip(
            self.model.random, self.random_names, self.omegas, strict=True
        ):
            if random.name == group and term in names:
                position = names.index(term)
                return float(self.sigma2 * omega[position, position])
        raise KeyError(f"no random effect of {term} over {group} in {self.formula}")

    def summary(self) -> str:
        """The fit as text: formula, criterion, variance components, fixed effects."""
        groups = ", ".join(f"{name} {count}" for name, count in self.n_groups.items())
        state = "converged" if self.converged else "NOT converged"
        singular = ", singular (a variance or correlation on its bound)" if self.is_singular else ""
        lines = [
            self.formula,
            f"{self.criterion}: deviance {self.deviance:.4f}, "
            f"AIC {self.aic:.4f}, BIC {self.bic:.4f}",
            f"{self.n_obs} rows; groups: {groups or 'none'}; {state}{singular}",
            "",
            "Variance components (covariances and correlations in rows with two terms)",
            self.variance_components.to_string(index=False, float_format="{:.6g}".format),
            "",
            "Fixed effects",
            self.fixed_effects.to_string(float_format="{:.6g}".format),
        ]
        return "\n".join(lines)

    def to_dict(self) -> dict:
        """Plain data for JSON, every digit kept; the inverse is ``from_dict``."""
        data = {k: v for k, v in self.__dict__.items() if k not in ("model", "certificate")}
        for name in ("beta", "covariance", "degrees", "theta", "gradient"):
            data[name] = data[name].tolist()
        data["omegas"] = [omega.tolist() for omega in self.omegas]
        for name in ("coefficients", "aliased_coefficients"):
            data[name] = _stored_terms(data[name])
        data["random_coefficients"] = [_stored_terms(terms) for terms in self.random_coefficients]
        return {
            "schema": FIT_SCHEMA,
            "formula": self.formula,
            "n_params": self.n_params,
            "aic": self.aic,
            "bic": self.bic,
            **data,
            "certificate": asdict(self.certificate),
        }

    @classmethod
    def from_dict(cls, data: dict) -> Fit:
        """The fit that ``to_dict`` described.

        Raises
        ------
        ResultError
            When the data are of another schema or incomplete.
        """
        if data.get("schema") != FIT_SCHEMA:
            raise ResultError(
                f"a stored fit has schema {data.get('schema')}, expected {FIT_SCHEMA}."
            )
        try:
            needed = [name for name in cls.__dataclass_fields__ if name != "model"]
            values = {name: data[name] for name in needed if name != "precision"}
            values["precision"] = data.get("precision")
            for name in ("beta", "covariance", "degrees", "theta", "gradient"):
                values[name] = np.array(data[name], dtype=float)
            values["omegas"] = tuple(np.array(o, dtype=float) for o in data["omegas"])
            values["random_names"] = tuple(tuple(names) for names in data["random_names"])
            values["categories"] = {v: tuple(c) for v, c in data["categories"].items()}
            for name in ("names", "terms", "aliased"):
                values[name] = tuple(data[name])
            for name in ("coefficients", "aliased_coefficients"):
                values[name] = _read_terms(data[name])
            values["random_coefficients"] = tuple(map(_read_terms, data["random_coefficients"]))
            values["certificate"] = Certificate(**data["certificate"])
            return cls(model=parse_formula(data["formula"]), **values)
        except (KeyError, TypeError, ValueError) as error:
            raise ResultError(f"a stored fit is incomplete: {error}.") from error

    def to_json(self, path: str | Path) -> None:
        """Write the fit to a JSON file."""
        Path(path).write_text(json.dumps(self.to_dict(), indent=1) + "\n")

    @classmethod
    def from_json(cls, path: str | Path) -> Fit:
        """The fit that ``to_json`` wrote.

        Raises
        ------
        ResultError
            When the file is not a stored fit.
        """
        try:
            data = json.loads(Path(path).read_text())
        except (OSError, ValueError) as error:
            raise ResultError(f"{path}: not a stored fit ({error}).") from error
        return cls.from_dict(data)


def _stored_terms(terms: Iterable[Term]) -> list[list[dict]]:
    return [[factor.model_dump(exclude_none=True) for factor in term] for term in terms]


def _read_terms(stored: Iterable[Iterable[dict]]) -> tuple[Term, ...]:
    return tuple(tuple(Factor(**factor) for factor in term) for term in stored)


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
