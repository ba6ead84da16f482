"""Means and shares of groups of rows of the small assessment, by its replicates and draws."""

from __future__ import annotations

from functools import cache

import numpy as np

from mlm.nouns.distributions import student_quantile, student_tail
from tests.sampled_rows import (
    CATEGORIES,
    CUT,
    DRAWS,
    FAY,
    LINKING,
    REPLICATES,
    WAVES,
    complete_rows,
    replicate_factors,
)


@cache
def weights_of(wave: str) -> np.ndarray:
    """Weights of the rows (n, 1 + replicates), those of the whole sample first."""
    frame = complete_rows(wave)
    factors = replicate_factors(wave)[frame["school"].to_numpy() - 1]
    return frame["weight"].to_numpy()[:, None] * np.column_stack([np.ones(len(frame)), factors])


@cache
def draws_of(wave: str) -> np.ndarray:
    """The outcome of the rows (n, draws)."""
    return complete_rows(wave)[[f"pv{d}" for d in range(1, DRAWS + 1)]].to_numpy()


def mean_of_rows(wave: str, chosen: np.ndarray) -> np.ndarray:
    """Means of chosen rows (draws, 1 + replicates)."""
    weights = weights_of(wave)[chosen]
    return (draws_of(wave)[chosen].T @ weights) / weights.sum(axis=0)


def share_of_rows(wave: str, chosen: np.ndarray) -> np.ndarray:
    """Shares of chosen rows at or above the cut (draws, 1 + replicates)."""
    weights = weights_of(wave)[chosen]
    return ((draws_of(wave)[chosen] >= CUT).T.astype(float) @ weights) / weights.sum(axis=0)


def pooled(values: np.ndarray, link: float = 0.0) -> dict:
    """An estimate from its values by draws and replicates, pooled by Rubin's rules."""
    one = values[:, 0]
    sampling = ((values[:, 1:] - values[:, :1]) ** 2).sum(axis=1) / REPLICATES / (1 - FAY) ** 2
    within, between = sampling.mean(), one.var(ddof=1) * (1 + 1 / DRAWS)
    total = within + between + link**2
    df = float(REPLICATES)
    estimate, error = float(one.mean()), float(np.sqrt(total))
    reach = float(student_quantile(0.975, df)) * error
    return {
        "estimate": estimate,
        "std_error": error,
        "sampling_error": float(np.sqrt(within)),
        "measurement_error": float(np.sqrt(between)),
        "df": df,
        "p_value": 2.0 * float(student_tail(abs(estimate) / error, df)) if error else None,
        "lower": estimate - reach,
        "upper": estimate + reach,
        "missing_information": float(between / total) if total else 0.0,
        "design_effect": 2.1,
    }


def changed(late: np.ndarray, early: np.ndarray, link: float) -> dict:
    return pooled(late - early, link) | {"linking_error": link or None}


def _group(wave: str, chosen: np.ndarray, of) -> dict:
    frame = complete_rows(wave)[chosen]
    return pooled(of(wave, chosen)) | {
        "p_value": None,
        "rows": len(frame),
        "clusters": int(frame["school"].nunique()),
        "sum_of_weights": float(frame["weight"].sum()),
        "wave": wave,
    }


def _link(of) -> float:
    return LINKING if of is mean_of_rows else 0.0


def estimates_by_wave(of) -> list[dict]:
    every = {wave: np.full(len(complete_rows(wave)), True) for wave in WAVES}
    values = {wave: of(wave, chosen) for wave, chosen in every.items()}
    found = []
    for place, wave in enumerate(WAVES):
        change = changed(values[wave], values[WAVES[0]], _link(of)) if place else None
        found.append(_group(wave, every[wave], of) | {"change": change, "step": None})
    return found


def estimates_by_categories(of) -> list[dict]:
    return [
        {"variable": name, "categories": [_category(name, code, of) for code in codes]}
        for name, codes in CATEGORIES.items()
    ]


def _category(name: str, code: str, of) -> dict:
    reference = CATEGORIES[name][0]
    chosen = {w: (complete_rows(w)[name] == code).to_numpy() for w in WAVES}
    base = {w: (complete_rows(w)[name] == reference).to_numpy() for w in WAVES}
    values = {wave: of(wave, chosen[wave]) for wave in WAVES}
    gaps = {wave: values[wave] - of(wave, base[wave]) for wave in WAVES}
    waves = []
    for place, wave in enumerate(WAVES):
        is_other = code != reference
        moved = pooled(gaps[wave] - gaps[WAVES[0]]) if is_other and place else None
        waves.append(
            _group(wave, chosen[wave], of)
            | {
                "gap": pooled(gaps[wave]) if is_other else None,
                "moved": moved,
                "change": changed(values[wave], values[WAVES[0]], _link(of)) if place else None,
            }
        )
    return {"category": code, "waves": waves}
