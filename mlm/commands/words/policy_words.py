"""Policies that are declared as randomised without their assignment, for those who configure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration


def policy_words(configuration: Configuration) -> Iterator[str]:
    """What to add to each policy whose level or wave of assignment is not said."""
    for title, analysis in configuration.analyses.items():
        for name, claim in analysis.policy.items():
            if claim.evidence != "randomised" or None not in (claim.level, claim.wave):
                continue
            level = claim.level or configuration.variables[name].level
            wave = claim.wave or configuration.wave_names[0]
            lacking = [key for key in ("level", "wave") if getattr(claim, key) is None]
            yield (
                f"please look: analyses: {title}: policy: {name} is randomised, but its "
                f"{' and '.join(lacking)} of assignment {'are' if len(lacking) > 1 else 'is'} not "
                "said: it is told as attended, and nothing as an effect. Write "
                f"{name}: {{evidence: randomised, level: {level}, wave: {wave}, as: attended}} "
                "with the level whose units were drawn and the wave in which they were; "
                "'as: assigned' where the variable tells the group assigned in all waves"
            )
