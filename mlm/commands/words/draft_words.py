"""What of a configuration is still as `mlm init` drafted it, or marked as to be written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mlm.configuration import Configuration
from mlm.rows.scaffold.draft import GUESS
from mlm.rows.scaffold.sampling_text import DESCRIPTION, SOURCE

NAMED_LINES = 3  # lines that are named one by one
_TO_WRITE = re.compile(r"\b(CHANGE[ _-]?ME|TODO|FIXME|TBD|XXX+)\b")


def draft_words(path: Path, configuration: Configuration) -> list[str]:
    """Guesses that nobody has looked at, and texts that are still to be written.

    Parameters
    ----------
    path : Path
        The configuration's file.
    configuration : Configuration
        What it says.
    """
    lines = path.read_text("utf-8").splitlines()
    return [*_texts(configuration), *_marks(lines), *_guesses(lines)]


def _texts(configuration: Configuration) -> Iterator[str]:
    texts = {
        "description": (configuration.description, DESCRIPTION),
        "source": (configuration.source, SOURCE),
    }
    for name, (text, drafted) in texts.items():
        if text == drafted:
            yield (
                f"please look: '{name}' is still the text of the draft ({text!r}), which the "
                "reports would print; write it"
            )


def _marks(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if found := _TO_WRITE.search(line):
            yield f"please look: line {number} says {found[0]}: write what belongs there"


def _guesses(lines: list[str]) -> Iterator[str]:
    marked = [str(number) for number, line in enumerate(lines, start=1) if GUESS in line]
    marked = [number for number in marked if not lines[int(number) - 1].startswith("#")]
    if not marked:
        return
    named, others = marked[:NAMED_LINES], len(marked) - NAMED_LINES
    where = f"line{'s' if len(marked) > 1 else ''} {', '.join(named)}"
    if others > 0:
        where += f" and {others} other{'s' if others > 1 else ''}"
    yield (
        f"please look: guesses of `mlm init` that are still marked '{GUESS}': {where}; check each "
        "one, and take its mark away"
    )
