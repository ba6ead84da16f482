"""Ids of strata, clusters and pairs of the sample, which are no units of the models."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mlm.rows.cleaning.ids import IdCells


class SampledTexts:
    """Cells of one such column, numbered chunk by chunk in the order in which texts come up."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    @property
    def texts(self) -> pa.StringArray:
        """Distinct texts, by their numbers."""
        return pa.array(list(self._places), pa.string())

    def code(self, cells: IdCells) -> np.ndarray:
        """Number (N,) of the text of each cell of a chunk, -1 where missing."""
        known = self._places
        texts = cells.distinct.texts.to_pylist()
        places = np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int32)
        codes = places[cells.distinct.codes] if texts else np.zeros(0, dtype=np.int32)
        for rows in cells.missing.values():
            codes[rows] = -1
        return codes
