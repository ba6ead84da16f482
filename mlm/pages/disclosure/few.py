"""Numbers that tell of few people by what they are made of, whatever else is said beside them.

One rule for all that is said: cells and sentences, marks of charts, and which findings there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from mlm.pages.context import Context
from mlm.pages.disclosure.contributors import is_dominated, rests_on_few
from mlm.pages.disclosure.groups_of_rows import rests_on_hidden_group
from mlm.pages.disclosure.singles import tells_of_one
from mlm.pages.disclosure.support import rests_on_weak
from mlm.pages.printed.rewording import INSTEAD
from mlm.pages.rounding import COUNTS
from mlm.pages.text import Run
from mlm.results.reading import Source

DEPENDENT: Literal["dependent"] = "dependent"
SINGLE: Literal["single"] = "single"
DOMINATED: Literal["dominated"] = "dominated"


def rule_of_few(source: Source, context: Context) -> str | None:
    """The rule by which a number that is no count may not be shown; None where it may.

    Parameters
    ----------
    source : str or dict
        Where it was read.

    Returns
    -------
    {"dependent", "single", "dominated"} or None
        ``dependent``: made of a group of few persons or units; ``single``: the value of one unit;
        ``dominated``: nearly that of one unit.
    """
    if not context.rules.is_public:
        return None
    if rests_on_hidden_group(source, context):
        return DEPENDENT
    if tells_of_one(source, context):
        return SINGLE
    if is_dominated(source, context):
        return DOMINATED
    if rests_on_few(source, context) or rests_on_weak(source, context):
        return DEPENDENT
    return None


def are_of_few(runs: Iterable[Run], context: Context) -> bool:
    """Whether a sentence has a number that may not be shown, and nothing to say without it.

    Counts are none of these: they are hidden by what is known of all counts.
    """
    numbers = [run for run in runs if "source" in run and INSTEAD not in run]
    return any(rule_of_few(r["source"], context) for r in numbers if r["style"] not in COUNTS)
