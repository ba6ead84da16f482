"""What becomes of rows that lack a covariate. Layer: nouns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from mlm.errors import ModelError
from mlm.nouns.fewest import FEWEST_IMPUTATIONS, MANY_LEFT_OUT

Method = Literal["joint", "files", "complete"]

USUAL_DRAWS = 20
"""Imputations that are drawn where the configuration does not say how many."""

MOST_ITERATIONS = 2000
"""Iterations of a chain after which imputations are drawn though the chains do not agree."""

FEWEST_ITERATIONS = 200
"""Fewest that the configuration may ask for."""


@dataclass(frozen=True)
class MissingValues:
    """How an analysis treats rows that have the outcome and lack a covariate.

    Attributes
    ----------
    method : str, optional
        ``complete`` leaves them out; ``files`` takes imputations that the survey's owner made;
        ``joint`` draws them from a multilevel normal model; None: by their share, see ``by_share``.
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

    method: Method | None = None
    draws: int = USUAL_DRAWS
    iterations: int = MOST_ITERATIONS
    auxiliary: tuple[str, ...] = ()
    shift: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        if self.method in ("files", "joint") and self.draws < FEWEST_IMPUTATIONS:
            raise ModelError(
                f"missing values: {self.draws} imputation; expected {FEWEST_IMPUTATIONS} or more, "
                "whose spread tells how uncertain the missing values are."
            )

    def by_share(self, lost: float) -> Self:
        """The same with a method: where none was named, by what leaving rows out would lose.

        Parameters
        ----------
        lost : float
            Share of the rows with the outcome that lack a covariate, 0 to 1; where it is above
            ``MANY_LEFT_OUT``, what they lack is drawn.
        """
        if self.method is not None:
            return self
        return replace(self, method="joint" if lost > MANY_LEFT_OUT else "complete")
