"""What becomes of rows that lack a covariate. Layer: nouns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlm.errors import ModelError
from mlm.nouns.fewest import FEWEST_IMPUTATIONS

Method = Literal["joint", "files", "complete"]

USUAL_DRAWS = 20
"""Imputations that are drawn where the configuration does not say how many."""

MOST_ITERATIONS = 2000
"""Iterations of a chain after which imputations are drawn though the chains do not agree."""

FEWEST_ITERATIONS = 200
"""Fewest that the configuration may ask for."""

USUAL_METHOD: Method = "complete"
"""Method where the configuration names none."""


@dataclass(frozen=True)
class MissingValues:
    """How an analysis treats rows that have the outcome and lack a covariate.

    Attributes
    ----------
    method : str
        ``complete`` leaves them out; ``files`` takes imputations that the survey's owner made;
        ``joint`` draws them from a multilevel normal model.
    draws : int
        Imputations that are drawn, or that the files hold.
    iterations : int
        Iterations of a chain after which imputations are drawn though the chains do not agree.
    auxiliary : tuple of str
        Variables that the imputations are drawn from and that are neither outcome nor term.
    shift : mapping of str to float
        By variable, what is added to each of its imputed values in a second analysis, which tells
        how much rests on values being missing at random; in the unit of the variable.

    Raises
    ------
    ModelError
        When there are fewer than two imputations.
    """

    method: Method = USUAL_METHOD
    draws: int = USUAL_DRAWS
    iterations: int = MOST_ITERATIONS
    auxiliary: tuple[str, ...] = ()
    shift: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        if self.method != "complete" and self.draws < FEWEST_IMPUTATIONS:
            raise ModelError(
                f"missing values: {self.draws} imputation; expected {FEWEST_IMPUTATIONS} or more, "
                "whose spread tells how uncertain the missing values are."
            )
