"""Variance components of one fit as a list of numbers, with the covariance of their errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import INTERCEPT
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_moments
from mlm.statistics.fitting.evaluated import working_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.likelihood.covariance import level_matrices, raw_omega, working_theta
from mlm.statistics.likelihood.curvature.information import expected_information
from mlm.statistics.likelihood.working import Working


@dataclass(frozen=True)
class ComponentEntry:
    """A variance or covariance of a model.

    Attributes
    ----------
    group : str
        Grouping factor, or ``residual``.
    term1, term2 : str or None
        Columns of the random term; ``term2`` is None for a variance.
    place : tuple of (int, int, int) or None
        Random term, row and column; None for a residual variance.
    """

    group: str
    term1: str
    term2: str | None
    place: tuple[int, int, int] | None


@dataclass(frozen=True)
class Components:
    """Variances and covariances of a fit.

    Attributes
    ----------
    entries : tuple of ComponentEntry
        c of them, term by term, variances first, the residual's last.
    values : ndarray (c,)
        In squared units of the response.
    covariance : ndarray (c, c) or None
        Of their errors; None: not known.
    degrees : ndarray (c,)
        Degrees of freedom of these errors; infinite: of a large sample.
    log_errors : ndarray (c,)
        Standard errors of the logarithms; NaN: by the delta method.
    skewness : ndarray (c,)
        Of these errors, where they are those of a sample; else zero.
    """

    entries: tuple[ComponentEntry, ...]
    values: np.ndarray
    covariance: np.ndarray | None
    degrees: np.ndarray
    log_errors: np.ndarray
    skewness: np.ndarray

    def share(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Parts of a sum of the components, and the variances of their errors.

        Parameters
        ----------
        weights : ndarray (s, c)
            What each component adds to each part.

        Returns
        -------
        shares : ndarray (s,)
        variances : ndarray (s,) or None
            By the delta method.
        """
        parts = weights @ self.values
        whole = parts.sum()
        if not whole > 0.0:
            return np.zeros(parts.size), None if self.covariance is None else np.zeros(parts.size)
        shares = parts / whole
        if self.covariance is None:
            return shares, None
        slopes = (weights - shares[:, None] * weights.sum(axis=0)) / whole
        return shares, np.einsum("si,ij,sj->s", slopes, self.covariance, slopes)


def entries_of(fit: Fit, random_names: Sequence[Sequence[str]]) -> tuple[ComponentEntry, ...]:
    """The (co)variances of a fit, in the order of its ``variance_components``."""
    out = []
    for b, (term, names) in enumerate(zip(fit.model.random, random_names, strict=True)):
        out += [ComponentEntry(term.name, name, None, (b, i, i)) for i, name in enumerate(names)]
        out += [
            ComponentEntry(term.name, names[j], names[i], (b, i, j))
            for j in range(len(names))
            for i in range(j + 1, len(names))
        ]
    if fit.residual is None and fit.ratios is None:
        out.append(ComponentEntry(RESIDUAL, INTERCEPT, None, None))
    elif fit.residual is None:
        names = [f"{fit.model.residual}[{name}]" for name in fit.ratios]
        out += [ComponentEntry(RESIDUAL, name, None, None) for name in names]
    return tuple(out)


def components_of(
    fit: Fit, random_names: Sequence[Sequence[str]], stats: CrossProducts | None = None
) -> Components:
    """Variances and covariances of a fit.

    Parameters
    ----------
    fit : Fit
        A fit.
    random_names : sequence of sequence of str
        How the columns of each random term are called.
    stats : CrossProducts, optional
        Its sample, from which the errors come; they are not known without it, nor where
        covariances have forms or residual variances differ.
    """
    entries = entries_of(fit, random_names)
    residual = list(fit.residual_variances.values()) or [fit.sigma2]
    covariances = fit.covariances
    values = [covariances[e.place[0]][e.place[1:]] for e in entries if e.place is not None]
    values += residual[: len(entries) - len(values)]
    known = stats is not None and fit.n_covariance is None and fit.ratios is None
    size = len(entries)
    degrees, log_errors, skew = np.full(size, np.inf), np.full(size, np.nan), np.zeros(size)
    if fit.design is not None:
        covariance = fit.design.variance_covariance
        degrees = fit.design.degrees[fit.design.n_fixed :]
        log_errors, skew = fit.design.log_errors, fit.design.skewness
    else:
        covariance = _covariance(fit, stats, entries) if known else None
    return Components(entries, np.array(values), covariance, degrees, log_errors, skew)


def _covariance(fit: Fit, stats: CrossProducts, entries: tuple[ComponentEntry, ...]) -> np.ndarray:
    """Inverse expected information on the (co)variances of raw columns."""
    working = working_of(fit, stats, pooled=False)
    omegas = level_matrices(working_theta(fit.omegas, working.blocks), working)
    places, information = expected_information(working, omegas, fit.criterion)
    to_raw = _to_raw(working, places, entries)
    half = np.linalg.solve(information, to_raw.T)
    return fit.sigma2**2 * to_raw @ half


def _to_raw(working: Working, places, entries: tuple[ComponentEntry, ...]) -> np.ndarray:
    """Raw (co)variances as combinations of those in the working basis, the residual's last."""
    out = np.zeros((len(entries), len(places) + 1))
    out[-1, -1] = 1.0
    for column, (b, row, other) in enumerate(places):
        block = working.blocks[b]
        unit = np.zeros((block.size, block.size))
        unit[row, other] = unit[other, row] = 1.0
        raw = raw_omega(unit, block)
        for line, entry in enumerate(entries):
            if entry.place is not None and entry.place[0] == b:
                out[line, column] = raw[entry.place[1:]]
    return out


def share_weights(
    fit: Fit, entries: tuple[ComponentEntry, ...], stats: CrossProducts | None
) -> tuple[tuple[str, ...], np.ndarray] | None:
    """What each component adds to the variance of each grouping factor and of the residual.

    Parameters
    ----------
    fit : Fit
        A fit.
    entries : tuple of ComponentEntry
        Its c components.
    stats : CrossProducts, optional
        Its sample: with random slopes the variance of a level is its mean over the rows.

    Returns
    -------
    names : tuple of str
    weights : ndarray (s, c)
        None without the sample where there are slopes, or where residual variances differ.
    """
    has_slopes = any(names != (INTERCEPT,) for names in fit.random_names)
    if (has_slopes and stats is None) or fit.ratios is not None:
        return None
    moments = mean_moments(fit.model, stats) if has_slopes else None
    names = tuple(dict.fromkeys(entry.group for entry in entries))
    weights = np.zeros((len(names), len(entries)))
    for i, entry in enumerate(entries):
        weight = 1.0
        if moments is not None and entry.place is not None:
            b, row, column = entry.place
            weight = float(moments[b][row, column]) * (1.0 if row == column else 2.0)
        weights[names.index(entry.group), i] = weight
    return names, weights
