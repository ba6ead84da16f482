"""What is compared of units: their effects in which waves, and against whom. Layer: nouns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Compared = Literal["last_wave", "waves_seen", "lasting"]
Against = Literal["all", "above"]

COMPARED: tuple[Compared, ...] = get_args(Compared)
AGAINST: tuple[Against, ...] = get_args(Against)


@dataclass(frozen=True)
class ComparisonRule:
    """What of the effects of units is compared.

    Attributes
    ----------
    compare : {"last_wave", "waves_seen", "lasting"}
        The effect in the last wave of all; the mean of those in the waves that the unit was seen
        in, each wave alike; or the part that is the same in every wave.
    against : {"all", "above"}
        Against all units, so that the effects of the units around count; or against the other
        units inside the same one.
    """

    compare: Compared = "last_wave"
    against: Against = "all"
