"""What the process that reads a typed file says of it, checked before it is believed.

Damaged files can hold anything in place of a name or a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlm.nouns.characters import made_visible, nfc, unprintable
from mlm.rows.files.wave_file import Notes


@dataclass(frozen=True)
class Description:
    """A typed file without its rows.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns, in order, in Unicode's form NFC.
    delivered : mapping of str to str
        The names as the file has them.
    notes : mapping of str to Notes
        What the file says about its columns; characters of its labels that cannot be shown are
        replaced by the mark for it.
    first : int
        Number that the program of the format gives the first row.
    n_rows : int or None
        Number of rows, where the file tells.
    numbers : list of int or None
        Number of each row, where they are not consecutive.
    """

    columns: tuple[str, ...]
    delivered: Mapping[str, str]
    notes: Mapping[str, Notes]
    first: int
    n_rows: int | None
    numbers: list[int] | None

    @classmethod
    def of(cls, said: object) -> Description:
        """Description from plain data.

        Raises
        ------
        ValueError
            The data are not what a reader says of a sound file; the message says what is wrong.
        """
        if not isinstance(said, dict) or not isinstance(said.get("columns"), list):
            raise ValueError("it has no columns")
        for place, name in enumerate(said["columns"], start=1):
            if not isinstance(name, str) or not name:
                raise ValueError(f"column {place} has no name")
        notes = {nfc(name): _notes(name, entry) for name, entry in said["notes"].items()}
        n_rows = said["n_rows"]
        if n_rows is not None and (not isinstance(n_rows, int) or n_rows < 0):
            n_rows = None
        columns = tuple(map(nfc, said["columns"]))
        delivered = dict(zip(columns, said["columns"], strict=True))
        return cls(columns, delivered, notes, said["first"], n_rows, said.get("rows"))


def _notes(name: str, entry: Mapping) -> Notes:
    missing = {nfc(code): _shown(text) for code, text in entry.get("missing", {}).items()}
    for code in missing:
        if found := unprintable(code):
            raise ValueError(f"a missing code of the column {name!r} holds {found}")
    return Notes(
        label=_shown(entry.get("label")),
        kind=entry.get("kind"),
        labels={nfc(code): _shown(text) for code, text in entry.get("labels", {}).items()},
        missing=missing,
        ranges=tuple((float(low), float(high)) for low, high in entry.get("ranges", ())),
        exact=None if entry.get("exact") is None else float(entry["exact"]),
    )


def _shown(text: str | None) -> str | None:
    return None if text is None else made_visible(nfc(str(text)))
