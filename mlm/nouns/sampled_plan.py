"""What an analysis knows of how its sample was drawn and its scores measured. Layer: nouns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlm.nouns.plausible_values import PlausibleValues
from mlm.nouns.sampling import SamplingDesign

MINIMUM = "minimum_proficiency"
"""Name of a cut that the configuration gives without one."""


@dataclass(frozen=True)
class SampledPlan:
    """The sample of an analysis: its design, its plausible values, and what they are compared with.

    Attributes
    ----------
    design : SamplingDesign or None
        How the sample was drawn, columns named as in the clean tables, grouping factors as the
        models name them; None where the survey has plausible values and no weights.
    scores : tuple of PlausibleValues
        Scores known by draws: the outcome's first, then those of terms; empty where there are none.
    cuts : mapping of str to float
        Cuts of the outcome by name, such as the minimum proficiency, in the unit of the outcome;
        increasing.
    linking_errors : mapping of (str, str) to float
        By an earlier and a later wave: standard error of the link between the scales of the
        outcome in both, in its unit.
    """

    design: SamplingDesign | None = None
    scores: tuple[PlausibleValues, ...] = ()
    cuts: Mapping[str, float] = field(default_factory=dict)
    linking_errors: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def score_of(self, variable: str) -> PlausibleValues | None:
        """The plausible values of a variable; None where it has none."""
        return next((score for score in self.scores if score.name == variable), None)
