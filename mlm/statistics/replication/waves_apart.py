"""Replicates of waves that were drawn apart: each moves the weights of one wave alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.evidence.sampling import ReplicateFactors


def of_waves_apart(replicates: ReplicateFactors, waves: np.ndarray) -> ReplicateFactors:
    """The factors (C, W R) of R replicates in each of W waves that have clusters of their own.

    Replicates of independent samples that share a number share nothing else: taken together they
    would add to the variance of a difference between waves a covariance that is noise.

    Parameters
    ----------
    replicates : ReplicateFactors
        Of all waves, their columns having the same names.
    waves : ndarray of int (C,)
        Wave of each cluster.
    """
    names = np.unique(waves)
    parts = [np.where((waves == wave)[:, None], replicates.values, 1.0) for wave in names]
    values, scale = np.hstack(parts), np.tile(replicates.scale, names.size)
    moves = (values != 1.0).any(axis=0)  # those made of the clusters of one wave move no other
    return replace(replicates, values=values[:, moves], scale=scale[moves])
