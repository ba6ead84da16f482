"""What a draft says of the sample: weights by level, replicates, plausible values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Protocol

from mlm.configuration.names import RESERVED
from mlm.nouns.design import Design
from mlm.nouns.levels import ROW
from mlm.nouns.replicates import columns_of, is_range
from mlm.rows.scaffold.codebook_text import DRAWN, Codebook
from mlm.rows.scaffold.column_names import weighs_pupils
from mlm.rows.scaffold.columns import numbers_in
from mlm.rows.scaffold.families import ColumnFamily, families_among
from mlm.rows.scaffold.ids import LikelyLevel
from mlm.rows.scaffold.levels import level_of
from mlm.rows.scaffold.profiles import FileProfile
from mlm.rows.scaffold.roles import (
    jackknife_among,
    replicates_among,
    values_among,
    weights_among,
)
from mlm.rows.scaffold.waves import WaveGuess
from mlm.rows.scaffold.yaml_text import mapping, quoted


class Drafted(Protocol):
    """What is known of the files of a draft."""

    files: Sequence[FileProfile]
    columns: Sequence[str]
    renamed: Mapping[str, Mapping[int, str]]
    waves: Sequence[WaveGuess]
    levels: Sequence[LikelyLevel]
    design: Design


DESCRIPTION = "What the survey is, in one paragraph."
SOURCE = "Who made the data, and under which terms they are used."
"""Texts that a draft leaves to be written."""


@dataclass(frozen=True)
class SampleDraft:
    """Columns of the files that tell of the sample, and what a draft says of them.

    Attributes
    ----------
    draft : Drafted
        The files.
    weights : sequence of str
        Columns that seem to be sampling weights.
    replicates : mapping of str to sequence of str
        Replicate weights, by what their names have in common.
    drawn : mapping of str to sequence of str
        Plausible values by the score that they are of.
    alike : sequence of ColumnFamily
        Further columns that seem to be replicates or plausible values by their numbers alone.
    jackknife : tuple of str
        Columns of zones and of the units in them; empty where there are none.
    """

    draft: Drafted
    weights: Sequence[str]
    replicates: Mapping[str, Sequence[str]]
    drawn: Mapping[str, Sequence[str]]
    alike: Sequence[ColumnFamily] = ()
    jackknife: tuple[str, ...] = ()

    @classmethod
    def of(cls, draft: Drafted) -> SampleDraft:
        """What the columns of some files seem to be."""
        weights = weights_among(draft.files, draft.columns)
        replicates = replicates_among(weights)
        repeated = {column for own in replicates.values() for column in own}
        numbers = [c for c in draft.columns if c not in weights and numbers_in(draft.files, c)]
        drawn = {f"{DRAWN}{score}": own for score, own in values_among(numbers).items()}
        taken = {*repeated, *(column for own in drawn.values() for column in own)}
        alike = families_among(draft.files, [c for c in (*weights, *numbers) if c not in taken])
        repeated |= {column for family in alike for column in family.columns}
        jackknife = jackknife_among(draft.files, draft.columns) or ()
        own = [c for c in weights if c not in repeated and c not in jackknife]
        return cls(draft, own, replicates, drawn, alike, jackknife)

    @property
    def columns(self) -> set[str]:
        """Columns that are no variables."""
        families = (*self.replicates.values(), *self.drawn.values())
        families = (*families, *(family.columns for family in self.alike))
        return {*self.weights, *self.jackknife, *(column for own in families for column in own)}

    def remark(self) -> list[str]:
        """What is known of the files as a whole: nothing."""
        return []

    def head(self) -> list[str]:
        """What the survey is and where it comes from: to be written."""
        return [
            f"description: {DESCRIPTION} # ?",
            f"source: {SOURCE} # ?",
        ]

    def entries(self, codebook: Codebook) -> Iterator[str]:
        """Entries of the codebook of what is known by plausible values."""
        return (line for score in self.drawn for line in codebook.score(score))

    def further(self) -> Iterator[str]:
        """Columns without an entry: all have one."""
        return iter(())

    def lines(self, codebook: Codebook) -> Iterator[str]:
        """Lines of the keys of the sample."""
        if self.weights:
            written = [*self._weights()]
            if any(level.crossed for level in self.draft.levels):
                yield "# where units are crossed models take no weights; those of the files are:"
                written = [f"# {line}" for line in written]
            yield from (*written, "")
        for own in self.replicates.values() if not self.weights else ():
            yield f"# {self._family(own)}: {len(own)} replicate weights; of which weight?"
        if self.jackknife and not self.weights:
            zone, half = self.jackknife
            yield f"# ? {zone}, {half}: zones of a jackknife and the units in them: of which?"
        if self.drawn:
            yield "plausible_values: # ? draws of scores that are not known themselves"
            for score, own in self.drawn.items():
                yield f"  {codebook.names[score]}: {self._family(own)} # ?"
            yield ""
        for family in self.alike:
            yield from (*self._asked(family), "")

    def _weights(self) -> Iterator[str]:
        """How rows were drawn: weights by level, the first of each, and replicates."""
        draft, found = self.draft, {}
        for column in self.weights:
            level = level_of(draft.files, column, draft.levels, draft.design)
            is_row = level == ROW and not draft.design.follows_lowest
            is_lowest = is_row or (level != ROW and weighs_pupils(column, self._label(column)))
            found.setdefault(draft.levels[-1].name if is_lowest else level, []).append(column)
        yield "sampling: # ? how rows were drawn; these columns of the files are no terms"
        yield "  weights:"
        for level, columns in found.items():
            yield f"    {level}: {self._column(columns[0])} # ?"
            yield from (f"    # {level}: {self._column(c)} # ? another one" for c in columns[1:])
        if not found.keys() & {level.name for level in draft.levels[:-1]}:
            yield "  school_weight: mean # ? no weight of units above the rows was found"
        for own in self.replicates.values():
            yield (
                f"  # replicates: {{method: fay, factor: 0.5, columns: {self._family(own)}}} # ? "
                f"{len(own)} replicate weights: by which method?"
            )
        if self.jackknife:
            zone, half = self.jackknife
            pairs = all(len(file.columns[half].values) == 2 for file in draft.files)
            method, mark = "jk2" if pairs else "jkn", "# " if self.replicates else ""
            yield (
                f"  {mark}replicates: {{method: {method}, zone: {self._column(zone)}, "
                f"unit: {self._column(half)}}} # ? zones of a jackknife and the units in them"
            )

    def _label(self, column: str) -> str | None:
        """Label of a column in the files."""
        notes = (file.columns[column].notes for file in self.draft.files)
        return next((found.label for found in notes if found.label), None)

    def _asked(self, family: ColumnFamily) -> Iterator[str]:
        """What columns seem to be by their numbers, and what to write if they are."""
        own, many = self._family(family.columns), len(family.columns)
        if family.of is None:
            yield (
                f"# ? {family.columns[0]} to {family.columns[-1]}: {many} columns that are alike "
                f"(correlation {family.correlation:.2f})"
            )
            name = self._stem(family.columns)
            yield f"# seem to be plausible values of one score, {name}; if they are, write"
            yield f"#   plausible_values: {{{name}: {own}}}"
            yield f"# and an entry {name} under variables (label, type: number, level: row, unit);"
            yield "# if they are variables, write an entry for each"
        else:
            yield (
                f"# ? {family.columns[0]} to {family.columns[-1]}: {many} columns that rise and "
                f"fall with {family.of} (correlation {family.correlation:.2f})"
            )
            yield "# seem to be replicates of that weight; if they are, write under sampling"
            yield f"#   weights: {{{self.draft.levels[-1].name}: {quoted(family.of)}}}"
            yield f"#   replicates: {{method: fay, factor: 0.5, columns: {own}}}"
            yield "# with their method: fay, brr, jk1, jk2, jkn or bootstrap, as their guide has it"

    def _stem(self, columns: Sequence[str]) -> str:
        """What the names of some columns have in common, as the name of a variable."""
        around = commonprefix(columns), commonprefix([c[::-1] for c in columns])[::-1]
        parts = [re.sub(r"[^A-Za-z0-9_]+", "_", part).strip("_") for part in around]
        name = re.sub(r"\d+$", "", "_".join(filter(None, parts))).strip("_")
        is_free = re.fullmatch(r"[A-Za-z]\w*", name) and name not in {
            *self.draft.columns,
            *RESERVED,
        }
        return name if is_free else f"score_{name}".rstrip("_")

    def _column(self, column: str) -> str:
        """A column, with its names in other waves."""
        own = self.draft.renamed.get(column)
        if not own:
            return quoted(column)
        names = {quoted(self.draft.waves[i].name): quoted(c) for i, c in own.items()}
        return mapping({"column": quoted(column), "names": mapping(names)})

    def _family(self, own: Sequence[str]) -> str:
        """Columns that belong together, by the first and last where these tell all."""
        text = f"{own[0]}-{own[-1]}"
        if is_range(text) and columns_of(text) == tuple(own):
            return quoted(text)
        return f"[{', '.join(map(quoted, own))}]"
