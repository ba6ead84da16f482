"""Units that are in another unit above than in the wave before, told when a survey is checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.results.survey.survey import SurveyAccount

SO_MANY = 0.5
"""Share of units that move beyond which their ids may well be those of others."""


def move_words(configuration: Configuration, account: SurveyAccount | None) -> Iterator[str]:
    """How many units changed the unit above them, and what they count as.

    Parameters
    ----------
    configuration : Configuration
        Names of the levels.
    account : SurveyAccount or None
        The linked waves; None where they could not be linked.
    """
    if account is None:
        return
    for kept, found in ((False, account.unit_changes), (True, account.crossed_units)):
        for moves in found:
            if not moves.count:
                continue
            units, unit = configuration.level(moves.level).plural, moves.level
            counted = f"each stays the same {unit}" if kept else f"each counts as a new {unit}"
            told = (
                f"{moves.count:,} of {moves.of:,} {units} changed their {moves.parent}; in the "
                f"models {counted}"
            )
            if moves.count > SO_MANY * moves.of:
                told = (
                    f"please look: {told}. So many: where ids of {units} are given anew in each "
                    f"{moves.parent}, write ids: local at the level {unit}"
                )
            yield told
