"""What a file of cross-products holds of sampling weights: arrays by level and cluster, a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np

from mlm.nouns.replicates import Replicates
from mlm.nouns.sampling import SamplingDesign
from mlm.statistics.evidence.sampling import Clusters, ReplicateFactors, Sampled, WaveWeights

ARRAYS = ("names", "totals", "rows", "of_outermost")  # of the clusters
NUMBERS = ("unit", "weight", "effective", "zero", "rows_are_equal")


def sampled_text(sampled: Sampled | None) -> dict | None:
    """The design and its numbers as JSON has them; None where rows have no sampling weights."""
    if sampled is None:
        return None
    design = {each.name: getattr(sampled.design, each.name) for each in fields(SamplingDesign)}
    if sampled.design.replicates is not None:
        design["replicates"] = vars(sampled.design.replicates)
    numbers = {name: getattr(sampled, name) for name in NUMBERS}
    waves, known = [vars(wave) for wave in sampled.waves], sampled.replicates
    replicates = None if known is None else {"df": known.df, "spread": known.spread}
    return {"design": design, "waves": waves, "replicates": replicates, **numbers}


def sampled_arrays(sampled: Sampled | None, levels) -> dict[str, np.ndarray]:
    """Weights and counts of the groups of each level, and the clusters."""
    if sampled is None:
        return {}
    clusters = sampled.clusters
    arrays = {f"cluster_{name}": getattr(clusters, name) for name in ARRAYS}
    if clusters.strata is not None:
        arrays["cluster_strata"] = clusters.strata
    if sampled.replicates is not None:
        arrays["replicate_scale"] = sampled.replicates.scale
        if sampled.replicates.values is not None:
            arrays["replicate_values"] = sampled.replicates.values
    for i, level in enumerate(levels):
        arrays |= {f"weights_{i}": level.weights, f"counts_{i}": level.counts}
    return arrays


def sampled_of(text: dict | None, arrays: Mapping[str, np.ndarray]) -> Sampled | None:
    """The weighted sample that was written."""
    if text is None:
        return None
    kept = {name: arrays[f"cluster_{name}"] for name in ARRAYS}
    clusters = Clusters(strata=arrays.get("cluster_strata"), **kept)
    design = SamplingDesign(**{**text["design"], "replicates": _replicates(text["design"])})
    replicates = None
    if text["replicates"] is not None:
        found = arrays.get("replicate_values"), arrays["replicate_scale"]
        replicates = ReplicateFactors(*found, **text["replicates"])
    waves = tuple(WaveWeights(**wave) for wave in text["waves"])
    numbers = {name: text[name] for name in NUMBERS}
    return Sampled(design=design, clusters=clusters, waves=waves, replicates=replicates, **numbers)


def _replicates(design: dict) -> Replicates | None:
    known = design["replicates"]
    if known is None:
        return None
    return Replicates(**{**known, **{name: tuple(known[name]) for name in ("columns", "scales")}})


def weighed_levels(text: dict | None, levels, arrays: Mapping[str, np.ndarray]) -> tuple:
    """Levels with the weights and counts of their groups, where they have any.

    Parameters
    ----------
    text : dict or None
        What ``sampled_text`` made.
    levels : sequence of GroupSums
        Without them.
    arrays : mapping of str to ndarray
        What ``sampled_arrays`` made.
    """
    if text is None:
        return tuple(levels)
    return tuple(
        replace(level, weights=arrays[f"weights_{i}"], counts=arrays[f"counts_{i}"])
        for i, level in enumerate(levels)
    )
