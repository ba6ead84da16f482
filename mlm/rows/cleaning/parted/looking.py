"""The files of a wave looked through for what is wrong with them, holding no rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlm.configuration.models import Configuration
from mlm.errors import SurveyError
from mlm.rows.cleaning.cleaning import NOBODY
from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.delivery import open_delivery
from mlm.rows.cleaning.intake import Intake


def tell_faults(configuration: Configuration, wave: str) -> None:
    """Look through the files of a wave for what is wrong with them, holding no rows.

    Raises
    ------
    SurveyError
        Files that cannot be read or are not what was announced, cells and ids that are not what
        was expected, in the words of ``clean_in_chunks``.
    """
    intake = _Looking(configuration, wave, open_delivery(configuration, wave))
    try:
        problems = intake.read()
        problems += intake.delivery.row_problems() if not problems else []
        problems += intake.cell_problems(show_values=False)
    finally:
        intake.store.close()
    if not problems and not intake.n_kept:
        problems = [NOBODY]
    if problems:
        raise SurveyError([f"wave {wave}: {problem}" for problem in problems])


class _Looking(Intake):
    """Chunks looked at; of their rows none is kept."""

    def _keep(
        self, ids: Mapping[str, Distinct], kept: np.ndarray, columns: Mapping[str, np.ndarray]
    ) -> None:
        self.n_kept += int(kept.sum())
