"""Slips in the notation of YAML, in words of those who write a configuration."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

from mlm.errors import shortened
from mlm.nouns.characters import made_visible

LONGEST_REASON = 100

_SLIPS = (
    (
        r"expected <block end>, but found",
        "this does not go on from the lines above; usually a line is indented by other blanks than "
        "those beside it, or more follows a text in quotation marks (one that is inside the text, "
        "or closed too early)",
    ),
    (
        r"mapping values are not allowed",
        "a second key in one line; usually a text has ': ' in it and needs quotation marks, or the "
        "line is indented by other blanks than those beside it",
    ),
    (
        r"could not find expected ':'",
        "a key without ':' after it, or a text in quotation marks that is not closed",
    ),
    (
        r"cannot start any token",
        "a tab, or a sign that no text may begin with (% @ `); indent by blanks, and put such a "
        "text into quotation marks",
    ),
    (
        r"expected ',' or '[}\]]'",
        "a comma is missing, or { or [ above is not closed by } or ]",
    ),
    (
        r"expected the node content|expected <document start>",
        "a value is expected here; usually a bracket or a comma is left over, or the one above is "
        "not closed",
    ),
    (r"unexpected end of stream", "a quotation mark is opened and not closed"),
    (r"found unknown escape", "a backslash in a text with double quotation marks; use single ones"),
)


def slip_words(error: MarkedYAMLError) -> str:
    """What is wrong, what is usual there, and where the part began; else in the parser's words.

    Parameters
    ----------
    error : MarkedYAMLError
        What the parser found.
    """
    reason = shortened(made_visible(str(error.problem or error.context)), LONGEST_REASON)
    words = next((text for pattern, text in _SLIPS if re.search(pattern, reason)), None)
    if words is None:
        return reason
    place, start = error.problem_mark, error.context_mark
    is_above = place is not None and start is not None and start.line < place.line
    return f"{words}{f' (the part begins in line {start.line + 1})' if is_above else ''}"
