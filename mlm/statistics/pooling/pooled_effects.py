"""Posterior means of the groups' effects, pooled over imputations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.statistics.fitting.effects import GroupEffects, PosteriorMeans


def pooled_effects(
    draws: Sequence[PosteriorMeans], random_names: Sequence[Sequence[str]]
) -> PosteriorMeans:
    """Posterior means of M fits to the same groups as one: their means, with the spread of draws.

    Parameters
    ----------
    draws : sequence of PosteriorMeans
        Of each fit.
    random_names : sequence of sequence of str
        How the columns of each random term are called.

    Source
    ------
    Rubin (1987), ch. 3, with the covariance of each effect for that of an estimate.
    """
    terms = zip(*(draw.effects for draw in draws), random_names, strict=True)
    return PosteriorMeans(tuple(_pooled(own[:-1], tuple(own[-1])) for own in terms))


def _pooled(own: Sequence[GroupEffects], names: tuple[str, ...]) -> GroupEffects:
    m = len(own)
    means = np.array([effects.mean for effects in own])
    apart = means - means.mean(axis=0)
    spread = (1.0 + 1.0 / m) / (m - 1) * np.einsum("mgi,mgj->gij", apart, apart)
    return GroupEffects(
        own[0].group,
        own[0].keys,
        own[0].rows,
        names,
        means.mean(axis=0),
        np.mean([effects.conditional for effects in own], axis=0) + spread,
        np.mean([effects.comparative for effects in own], axis=0) + spread,
        np.mean([effects.covariance for effects in own], axis=0),
    )
