"""The short form of a table on a phone: its first column and as many others as have room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ROOM = 166.0  # pixels beside the first column, on the narrowest phone (320)
LETTER = 6.6  # pixels of a letter there
PADDING = 8.0
LONGEST_WORD = 14  # letters of a word that a line is not wider for


def short_form(block: Mapping[str, Any]) -> list[bool]:
    """Which columns of a table a phone shows at first.

    All where they fit; else those that the table names, or the first ones that do, one with numbers
    among them. Columns below one heading, such as both ends of an interval, are shown together or
    not at all, but for the first of them. Words without which two rows would look alike are shown
    in any case.

    Parameters
    ----------
    block : mapping
        A table of the document.
    """
    return _told_apart(block, _with_room(block))


def _with_room(block: Mapping[str, Any]) -> list[bool]:
    """Columns that have room, or that the table names."""
    columns = block["columns"]
    widths = [_width(block, place) for place in range(len(columns))]
    if sum(widths[1:]) <= ROOM:
        return [True] * len(columns)
    if any(column["main"] for column in columns):
        return [place == 0 or column["main"] for place, column in enumerate(columns)]
    shown, left = [True], ROOM
    for run in _runs(columns):
        if 1 in run:
            own = _fitting([widths[place] for place in run], left)
        else:
            own = [sum(widths[place] for place in run) <= left] * len(run)
        left = left - sum(widths[p] for p, fits in zip(run, own, strict=True) if fits)
        left = left if all(own) else 0.0
        shown += own
    return _with_numbers(columns, widths, shown)


def _told_apart(block: Mapping[str, Any], shown: list[bool]) -> list[bool]:
    """The columns shown, and words that tell rows below one heading apart which look alike."""
    words = [place for place, column in enumerate(block["columns"]) if column["kind"] != "number"]
    found = list(shown)
    for hidden in (place for place in words if not shown[place]):
        texts: dict[tuple, set[str]] = {}
        heading = 0
        for number, row in enumerate(block["rows"]):
            cells = [cell["text"] for cell in row["cells"]]
            if len(cells) < len(found):
                heading = number
                continue
            look = (heading, *(cells[place] for place in words if found[place]))
            texts.setdefault(look, set()).add(cells[hidden])
        found[hidden] = any(len(own) > 1 for own in texts.values())
    return found


def _with_numbers(
    columns: Sequence[Mapping[str, Any]], widths: Sequence[float], shown: list[bool]
) -> list[bool]:
    """The columns shown; where these are words alone, the first with numbers and words beside."""
    numbers = [place for place in range(1, len(columns)) if columns[place]["kind"] == "number"]
    if not numbers or any(shown[place] for place in numbers):
        return shown
    first, found = numbers[0], [False] * len(columns)
    found[0] = found[first] = True
    left = ROOM - widths[first]
    for place in range(1, first):
        found[place] = widths[place] <= left
        left -= widths[place] if found[place] else 0.0
    return found


def _runs(columns: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Places of the columns beside the first, those below one heading together."""
    runs: list[list[int]] = []
    for place in range(1, len(columns)):
        group = columns[place]["group"]
        if group and place > 1 and columns[place - 1]["group"] == group:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _fitting(widths: Sequence[float], left: float) -> list[bool]:
    """Which of some columns fit, from the left; the first does in any case."""
    shown: list[bool] = []
    for width in widths:
        fits = not shown or (shown[-1] and width <= left)
        shown.append(fits)
        left = left - width if fits else 0.0
    return shown


def joined(
    cells: Sequence[Mapping[str, Any]], mark: str, shown: Sequence[bool]
) -> list[tuple[Mapping[str, Any], int, int]]:
    """The cells of a row with their columns and widths: one for several that do not apply.

    Parameters
    ----------
    cells : sequence of mapping
    mark : str
        Of what does not apply.
    shown : sequence of bool
        Columns of the short form: cells of one kind alone are joined.
    """
    found: list[tuple[Mapping[str, Any], int, int]] = []
    for position, cell in enumerate(cells):
        if (
            position > 1
            and cell["text"] == mark == found[-1][0]["text"]
            and shown[position] == shown[position - 1]
        ):
            first, start, width = found.pop()
            found.append((first, start, width + 1))
        else:
            found.append((cell, position, 1))
    return found


def _width(block: Mapping[str, Any], place: int) -> float:
    column = block["columns"][place]
    words = f"{column['label']} {column['group']}".split()
    texts = [row["cells"][place]["text"] for row in block["rows"] if len(row["cells"]) > place]
    if column["kind"] == "number":
        letters = max((len(text) for text in texts), default=1)
    else:
        letters = max((len(word) for text in texts for word in text.split()), default=1)
    longest = max((len(word) for word in words), default=1)
    return LETTER * max(letters, min(longest, LONGEST_WORD)) + PADDING
