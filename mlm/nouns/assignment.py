"""How units came under a policy: by what evidence, at which level, in which wave. Layer: nouns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Evidence = Literal["randomised", "adjusted", "observational"]
Groups = Literal["assigned", "attended"]
Standing = Literal["caused", "attended", "before", "mixed", "unsaid", "compared"]

EVIDENCE: tuple[Evidence, ...] = ("randomised", "adjusted", "observational")


@dataclass(frozen=True)
class Assignment:
    """What is claimed of a policy.

    Attributes
    ----------
    evidence : str
        How the comparison came about.
    level : str or None
        Level whose units were assigned, ``row`` for single rows; None: not said.
    wave : str or None
        Wave in which they were; None: not said.
    groups : str
        What the variable tells in later waves: the group that a unit was assigned to, or the one
        that it attended then.
    """

    evidence: Evidence
    level: str | None = None
    wave: str | None = None
    groups: Groups = "attended"

    def standing(self, wave: str | None, waves: Sequence[str]) -> Standing:
        """What a difference between the groups in a wave is.

        Parameters
        ----------
        wave : str or None
            The wave; None: one difference for all waves.
        waves : sequence of str
            The waves in order of time.

        Returns
        -------
        str
            ``caused`` by the allocation: at random, its level and wave said, in the wave of
            assignment, or later where the variable tells the group assigned. ``attended``: later,
            by the group that units were in then. ``before`` the allocation; ``mixed``: one
            difference for waves before it and others. ``unsaid``: at random, without level or
            wave. ``compared``: not at random.
        """
        if self.evidence != "randomised":
            return "compared"
        if self.level is None or self.wave not in waves:
            return "unsaid"
        start = waves.index(self.wave)
        first, last = (0, len(waves) - 1) if wave is None else (waves.index(wave),) * 2
        if last < start:
            return "before"
        if first < start:
            return "mixed"
        return "caused" if last == start or self.groups == "assigned" else "attended"
