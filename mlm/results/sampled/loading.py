"""Stored results of an analysis, of whichever kind they are."""

from __future__ import annotations

from pathlib import Path

from mlm.results.analysis import AnalysisResults
from mlm.results.record import kind_of_stored
from mlm.results.sampled.results import SampledResults

AnyResults = AnalysisResults | SampledResults


def load_results(path: Path) -> AnyResults:
    """The results in a file: those of a sample say so by their ``kind``.

    Parameters
    ----------
    path : Path
        A ``results.json``.

    Raises
    ------
    ResultError
        When the file holds neither.
    """
    return (SampledResults if kind_of_stored(path) == "sampled" else AnalysisResults).load(path)
