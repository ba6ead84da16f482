"""The settled model of an analysis, and the path to it: what every answer is read from."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.selection.backward import Reduction
from mlm.statistics.selection.random_part.forms import form_of
from mlm.statistics.selection.random_part.path import RandomPath
from mlm.statistics.selection.random_part.slopes import SlopeTrial

Pair = tuple[Solution, Solution]
"""A model by ML and by REML."""


@dataclass(frozen=True)
class Settled:
    """The settled model, and the models on the way to it.

    Attributes
    ----------
    null : tuple of Solution
        Time alone and the intercepts of the declared levels, by ML and by REML.
    full : tuple of Solution
        Every configured term under the settled random part, by ML and by REML.
    random : RandomPath
        How the forms over waves were settled, before and after the slopes.
    slopes : tuple of SlopeTrial
        Random slopes that were tried.
    reduction : Reduction
        The path from the full model to the settled one.
    ml, reml : Solution
        The settled model: what the reduction kept, under the settled random part.
    """

    null: Pair
    full: Pair
    random: RandomPath
    slopes: tuple[SlopeTrial, ...]
    reduction: Reduction
    ml: Solution
    reml: Solution

    @property
    def pair(self) -> Pair:
        """The settled model by ML and by REML."""
        return self.ml, self.reml

    def form(self, plan: Plan, group: tuple[str, ...]) -> WaveForm:
        """Form over waves of the effects of some units."""
        return form_of(plan, self.reml.fit.model, group)

    def fits(self) -> dict[str, Fit]:
        """The fits that are stored, by the name of their file."""
        pairs = {"null": self.null, "full": self.full, "settled": self.pair}
        return {
            f"{name}.{solution.fit.criterion.lower()}": solution.fit
            for name, pair in pairs.items()
            for solution in pair
        }
