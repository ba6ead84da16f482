"""Policies that are declared as randomised without their assignment, for those who configure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.results.survey.survey import SurveyAccount


def policy_words(configuration: Configuration, account: SurveyAccount | None) -> Iterator[str]:
    """What to add to a policy whose level or wave of assignment is not said, or to look at.

    Parameters
    ----------
    account : SurveyAccount or None
        Of the rows; None where these could not be linked.
    """
    yield from _undrawn(configuration, account)
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


def _undrawn(configuration: Configuration, account: SurveyAccount | None) -> Iterator[str]:
    """Policies of which all rows have the same category in the wave of their allocation."""
    ledgers = {ledger.wave: ledger for ledger in (account.waves if account is not None else ())}
    for title, analysis in configuration.analyses.items():
        for name, claim in analysis.policy.items():
            ledger = ledgers.get(claim.wave)
            if claim.evidence != "randomised" or ledger is None:
                continue
            summary = next((each for each in ledger.variables if each.variable == name), None)
            counts = getattr(summary, "counts", ())
            found = [each.category for each in counts if each.n]
            if len(counts) > 1 and len(found) == 1:
                yield (
                    f"please look: analyses: {title}: policy: {name} is said to be allocated in "
                    f"wave {claim.wave}, but all rows of that wave have {found[0]}: nothing is "
                    "compared there. Give the first wave in which units have different groups"
                )
