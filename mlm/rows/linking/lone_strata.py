"""Strata of which one cluster was drawn, so that nothing tells how clusters in them differ."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.sampled.planning import sampling_design
from mlm.nouns.hierarchy import group_codes
from mlm.nouns.levels import WAVE
from mlm.results.survey.checks import LoneStrata, StratumOfWave
from mlm.rows.accumulating.batches import as_coded
from mlm.rows.linking.survey_rows import SurveyRows


def lone_strata(configuration: Configuration, rows: SurveyRows) -> Iterator[LoneStrata]:
    """Strata of one cluster, where errors come from clusters in strata.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Its cleaned rows; those with a weight count.
    """
    design = sampling_design(configuration)
    if design is None or not design.strata:
        return
    if design.replicates is not None and design.errors_of(0) == "replicates":
        return
    groups = [level.group for level in configuration.model_levels if level.group]
    clusters, weight = design.drawn_first(groups), next(iter(reversed(design.columns)))
    known: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for wave in range(len(rows.waves)):
        for stratum, cluster in _pairs(rows, wave, design.strata_ids, clusters, weight):
            known.setdefault(stratum, set()).add(cluster)
    lone = sorted(stratum for stratum, inside in known.items() if len(inside) == 1)
    if not lone or len(known) == 1:
        return
    has_wave = design.strata_ids[0] == WAVE
    yield LoneStrata(
        result="warning",
        variable=design.strata_ids[-1],
        strata=len(known),
        lone=tuple(
            StratumOfWave(stratum=names[-1], wave=names[0] if has_wave else None) for names in lone
        ),
    )


def _pairs(
    rows: SurveyRows, wave: int, strata: tuple[str, ...], clusters: tuple[str, ...], weight: str
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Strata and clusters of rows of a wave that have a weight, each pair once a batch."""
    names = (*strata, *clusters)
    for batch in rows.source(wave).batches(list(dict.fromkeys([*names, weight]))):
        keep = np.asarray(batch.columns[weight]) > 0.0
        columns = [as_coded(batch.columns[name])[keep] for name in names]
        _, first = group_codes(column.codes for column in columns)
        texts = [column.values[column.codes[first]].tolist() for column in columns]
        for pair in zip(*texts, strict=True):
            yield pair[: len(strata)], pair[len(strata) :]
