"""The text of the codebook of a draft: one entry for each column, or why there is none."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mlm.configuration.names import RESERVED
from mlm.nouns.design import Design
from mlm.nouns.ids.unit_words import seems_id
from mlm.rows.scaffold.column_names import measures
from mlm.rows.scaffold.columns import Kind, code_place, kind_of, numbers_of
from mlm.rows.scaffold.ids import LikelyLevel
from mlm.rows.scaffold.levels import level_of
from mlm.rows.scaffold.phrases import members_phrase, readable_label, variable_phrase
from mlm.rows.scaffold.profiles import GUESSED, ColumnProfile, FileProfile
from mlm.rows.scaffold.roles import Found
from mlm.rows.scaffold.strays import stray_lines, stray_texts, without
from mlm.rows.scaffold.yaml_text import mapping, quoted

LONG_CODE = 3
"""Letters of a code up to which it is no word."""

KEYS = 0.95
"""Share of different whole numbers among a file's rows from which they number the rows."""


DRAWN = "plausible values of "
"""What stands before the name of a score that is no column of the files."""


@dataclass
class Codebook:
    """Entries of a draft's codebook.

    Attributes
    ----------
    files : sequence of FileProfile
        The files, each column under one name.
    waves : sequence of str
        Names of the waves.
    renamed : dict
        Other names of columns, by name and place of the file.
    levels, design
        As they seem to be.
    names : dict of str to str
        Name of the variable of each column that has an entry.
    found : list of Found
        The variables.
    """

    files: Sequence[FileProfile]
    waves: Sequence[str]
    renamed: dict[str, dict[int, str]]
    levels: Sequence[LikelyLevel]
    design: Design
    taken: set[str]
    names: dict[str, str] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)

    def entry(self, column: str) -> list[str]:
        """Lines of the entry of a column, or a comment that says why it has none."""
        profiles = [file.columns[column] for file in self.files]
        missing = _missing(profiles)
        strays = stray_texts(profiles)
        profiles = [without(profile, strays) for profile in profiles] if strays else profiles
        found = dict.fromkeys(value for profile in profiles for value in profile.values)
        values = [value for value in found if value not in missing]
        if seems_id(column) and _many(profiles):
            return [f"  # {column}: seems to hold ids; not used"]
        if len(profiles) > 1 and all(len(profile.values) < 2 for profile in profiles):
            return [f"  # {column}: one value in each wave, as time itself; not used"]
        kind = kind_of(column, profiles, values)
        if kind.type is None:
            what = "no value" if not values else f"{len(values)} different texts"
            what = "one value" if len(values) == 1 else what
            return [f"  # {column}: {what}; not used"]
        return list(self._lines(column, profiles, values, kind, strays))

    def score(self, score: str, label: str | None = None) -> list[str]:
        """Lines of the entry of a score that has plausible values."""
        name = self.names[score] = self.identifier(score.removeprefix(DRAWN))
        label = quoted(label or name.capitalize())
        return [
            f"  {name}:",
            f"    label: {label} # ? known by plausible values, see below",
            "    type: number # ?",
            "    level: row # ?",
            "    unit: points # ?",
        ]

    def _lines(
        self,
        column: str,
        profiles: list[ColumnProfile],
        values: list[str],
        kind: Kind,
        strays: list[str],
    ) -> Iterator[str]:
        name = self.names[column] = self.identifier(column)
        level = level_of(self.files, column, self.levels, self.design)
        label = next((readable_label(p.notes.label) for p in profiles if p.notes.label), None)
        n_values = max(len(profile.values) for profile in profiles)
        is_key = kind.type == "number" and not measures(column, label)
        is_key = is_key and all(
            len(p.values) > KEYS * f.n_rows and not (p.numbers[p.is_value] % 1).any()
            for p, f in zip(profiles, self.files, strict=True)
        )
        varies = all(len(profile.values) > 1 for profile in profiles)
        self.found.append(Found(column, kind.type, level, label, n_values, varies, is_key))
        yield f"  {name}:"
        yield f"    label: {quoted(label or column)}"
        phrase = variable_phrase(label) if kind.type == "number" else None
        if phrase is not None:
            yield f"    phrase: {quoted(phrase)} # ?"
        yield f"    type: {kind.type} # ?{f' {kind.doubt}' if kind.doubt else ''}"
        yield f"    level: {level} # ?"
        if name != column:
            yield f"    column: {quoted(column)}"
        if column in self.renamed:
            own = {quoted(self.waves[i]): quoted(c) for i, c in self.renamed[column].items()}
            yield f"    names: {mapping(own)} # ? seems to be the same column"
        if kind.type == "number":
            numbers = numbers_of(profiles)
            yield f"    # found from {numbers.min():g} to {numbers.max():g}"
        elif kind.type == "category":
            yield "    categories:"
            units = self._units(level)
            for code, text in _labels(profiles, values).items():
                yield f"      {quoted(code)}: {_category(code, text, label, units)}"
        yield from stray_lines(self.files, column, strays) if strays else ()
        known = _missing(profiles)
        if missing := {code: text for code, text in known.items() if code not in strays}:
            entries = ", ".join(f"{json.dumps(c)}: {quoted(t)}" for c, t in missing.items())
            yield f"    missing: {{{entries}}} # ?"

    def _units(self, level: str) -> str:
        """What the variables of a level describe, in the plural."""
        plurals = {known.name: known.plural for known in self.levels}
        return plurals.get(level) or (self.levels[-1].plural if self.levels else "cases")

    def identifier(self, column: str) -> str:
        """A name that may stand in formulas, and is not taken."""
        name = re.sub(r"[^A-Za-z0-9_]+", "_", column).strip("_")[:28] or "x"
        name = name if name[0].isalpha() else f"v{name}"
        taken = {*self.names.values(), *RESERVED, *self.taken}
        unique, number = name, 2
        while unique in taken or keyword.iskeyword(unique):
            unique, number = f"{name}_{number}", number + 1
        return unique


def _category(code: str, text: str, label: str | None, units: str) -> str:
    """A category: its label, and where that is in words its members inside a sentence."""
    phrase = members_phrase(text, label, units) if text != code or len(text) > LONG_CODE else None
    if phrase is None:
        return quoted(text)
    return f"{mapping({'label': quoted(text), 'phrase': quoted(phrase)})} # ?"


def _labels(profiles: Sequence[ColumnProfile], values: Sequence[str]) -> dict[str, str]:
    """Label of each code, in their order; the code is added where two have the same."""
    labels = {c: t for profile in profiles for c, t in profile.notes.labels.items()}
    shown = {code: labels.get(code) or code for code in sorted(values, key=code_place)}
    texts = list(shown.values())
    return {c: f"{t} ({c})" if texts.count(t) > 1 else t for c, t in shown.items()}


def _missing(profiles: Sequence[ColumnProfile]) -> dict[str, str]:
    """Codes that mean missing, with their meaning; none guessed that is a value elsewhere."""
    values = {value for profile in profiles for value in profile.values}
    return {
        code: text
        for profile in profiles
        for code, text in profile.missing.items()
        if text != GUESSED or code not in values
    }


def _many(profiles: Sequence[ColumnProfile]) -> bool:
    """Whether a column has more values than a category would."""
    return any(len(profile.values) > 2 for profile in profiles)
