"""Stored results of an analysis, of whichever kind they are."""

from __future__ import annotations

import json
from pathlib import Path

from mlm.results.analysis import AnalysisResults
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
    try:
        kind = json.loads(Path(path).read_bytes()).get("kind")
    except (ValueError, AttributeError):
        kind = None
    return (SampledResults if kind == "sampled" else AnalysisResults).load(path)
