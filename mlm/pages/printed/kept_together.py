"""What a line may not part: a number and its unit, a wave and its number; for pages and papers.

The document has usual spaces, so that texts are found and compared as they are typed; what lays it
out takes it from here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlm.pages.rounding import NO_BREAK

SPACE = re.compile(r"^ (?=[^\W\d_])")  # between a number and the word after it
SIGN = re.compile(r" ([=<>±]) $")  # between a sign and the number after it
NAMED = re.compile(r"(?<=\w) (?=[-\N{MINUS SIGN}]?\d)")  # Grade 1, Year -2.5
SIGNS = re.compile(r"(?<=[\w)]) ([=<>±]) (?=[\d\N{MINUS SIGN}-])")

PARTS = (dict, list, tuple)  # what holds other values


def kept_together(value: Any) -> Any:
    """A document, or a part of one, with no-break spaces in its sentences and cells.

    Parameters
    ----------
    value : JSON value
        A copy is changed; sentences are lists of runs.
    """
    if isinstance(value, dict):
        return {
            key: kept_together(item) if isinstance(item, PARTS) else item
            for key, item in value.items()
        }
    if not isinstance(value, (list, tuple)):
        return value
    made = [kept_together(item) if isinstance(item, PARTS) else item for item in value]
    if not all(isinstance(item, dict) and "text" in item for item in made):
        return made
    return [_kept(run, made[i - 1 : i], made[i + 1 : i + 2]) for i, run in enumerate(made)]


def kept_together_brief(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same for what the brief of a document says, without the sections behind it."""
    return kept_together({**document, "sections": []})


def _kept(run: dict[str, Any], before: list[dict], after: list[dict]) -> dict[str, Any]:
    if "source" in run or not isinstance(run["text"], str):
        return run
    text = NAMED.sub(NO_BREAK, run["text"])
    text = SIGNS.sub(rf"{NO_BREAK}\1{NO_BREAK}", text)
    if "id" in run:
        return run | {"text": text}  # a cell: its neighbours are other cells
    if before and "source" in before[0]:
        text = SPACE.sub(NO_BREAK, text)
    if after and "source" in after[0]:
        text = SIGN.sub(lambda found: NO_BREAK + found[1] + NO_BREAK, text)
    return run | {"text": text}
