"""Names of files for units: safe on any system, different for different ids, readable."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from mlm.nouns.ids.spelling import folded

PLAIN = re.compile(r"[0-9a-z]{1,24}")
MOST_SHOWN = 40  # letters of the readable part
HASHED = 12  # digits of the hash, which tells apart what the readable part does not
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "index"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in range(10)]
)
"""Names that Windows keeps for devices, and that of the list of units."""


def file_name(ids: Sequence[str]) -> str:
    """The name of a unit's files, without their ending.

    Short ids of digits and small letters stand as they are, ``12-3``; others become ``a-z``,
    ``0-9`` and ``-``, and after ``_`` a hash of the ids as they are: ``st-mary_5d41402abc4b``. So
    no two units share a name, also where capitals count as small letters and accents are stored
    otherwise.

    Parameters
    ----------
    ids : sequence of str
        The ids of the units around it, and its own.
    """
    simple = "-".join(ids)
    if simple not in RESERVED and all(PLAIN.fullmatch(part) for part in ids):
        return simple
    letters = folded(" ".join(ids), ("characters", "accents", "case"))
    shown = re.sub(r"[^0-9a-z]+", "-", letters).strip("-")[:MOST_SHOWN].strip("-")
    digest = hashlib.sha256("\x1f".join(ids).encode()).hexdigest()[:HASHED]
    return f"{shown}_{digest}"
