"""Whether chains have come to say the same: split R-hat, and how many draws they are worth."""

from __future__ import annotations

import numpy as np


def split_r_hat(chains: np.ndarray) -> np.ndarray:
    """Potential scale reduction of each parameter, every chain cut in halves.

    Parameters
    ----------
    chains : ndarray (m, n, t)
        Values of t parameters in n iterations of m chains.

    Returns
    -------
    ndarray (t,)
        Near 1 where the halves have one distribution.

    Source
    ------
    Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, section 11.4.
    """
    half = chains.shape[1] // 2
    parts = np.concatenate([chains[:, :half], chains[:, -half:]])
    within = parts.var(axis=1, ddof=1).mean(axis=0)
    between = parts.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt((half - 1) / half + between / within)
    return np.where(within > 0.0, ratio, 1.0)


def effective_draws(chains: np.ndarray) -> np.ndarray:
    """Independent draws (t,) that the iterations of all chains are worth.

    Autocorrelations are summed in pairs as long as these are positive, made decreasing.

    Source
    ------
    Gelman et al. (2013), section 11.5; Geyer (1992), Stat. Sci. 7, 473-483, section 3.3.
    """
    half = chains.shape[1] // 2
    parts = np.concatenate([chains[:, :half], chains[:, -half:]])
    m, n, t = parts.shape
    centred = parts - parts.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(centred, 2 * n, axis=1)) ** 2
    covariances = np.fft.irfft(spectrum, axis=1)[:, :n] / n
    within = parts.var(axis=1, ddof=1).mean(axis=0)
    total = within * (n - 1) / n + parts.mean(axis=1).var(axis=0, ddof=1)
    out = np.full(t, float(m * n))
    for i in np.flatnonzero(within > 0.0):
        correlations = (
            1.0 - (within[i] - covariances[:, :, i].mean(axis=0) * n / (n - 1)) / total[i]
        )
        correlations[0] = 1.0
        pairs = correlations[: n - n % 2].reshape(-1, 2).sum(axis=1)
        positive = pairs[: np.argmax(pairs < 0.0)] if (pairs < 0.0).any() else pairs
        pairs_sum = np.minimum.accumulate(positive).sum() if positive.size else 1.0
        out[i] = m * n / max(2.0 * pairs_sum - 1.0, 1.0 / np.log10(m * n))
    return out
