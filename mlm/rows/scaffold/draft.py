"""The text of a first configuration: what was found in the files, and what is left to decide."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from mlm.configuration.names import nearest
from mlm.nouns.levels import ROW
from mlm.rows.scaffold.assessment import Assessment, columns_to_read
from mlm.rows.scaffold.assessment_text import AssessmentDraft
from mlm.rows.scaffold.codebook_text import Codebook
from mlm.rows.scaffold.columns import partial_columns
from mlm.rows.scaffold.ids import are_local, are_row_numbers, likely_levels
from mlm.rows.scaffold.levels import (
    columns_above,
    level_above_time,
    likely_design,
    recurring_column,
    recurring_share,
    without_classes,
)
from mlm.rows.scaffold.long_file import LongFile
from mlm.rows.scaffold.made_of_scores import made_of_scores
from mlm.rows.scaffold.missing_text import missing_lines
from mlm.rows.scaffold.profiles import FileProfile, profile_file
from mlm.rows.scaffold.renames import in_its_place, one_name_for_each
from mlm.rows.scaffold.roles import scores_among, terms_among
from mlm.rows.scaffold.sampling_text import SampleDraft
from mlm.rows.scaffold.spellings import spellings_between
from mlm.rows.scaffold.waves import tells_time, wave_column, wave_guesses, wave_line
from mlm.rows.scaffold.yaml_text import mapping, quoted

MAX_TERMS = 8


GUESS = "# ?"
"""What marks a guess."""


def draft_configuration(
    paths: Sequence[Path], *, survey: str, root: Path, long: LongFile | None = None
) -> str:
    """YAML text of a configuration drafted from data files, one file a wave.

    Parameters
    ----------
    paths : sequence of Path
        Files in order of time.
    survey : str
        Short name of the survey.
    root : Path
        Project folder; files below it are named relative to it.
    long : LongFile, optional
        The one file that the files were made of.

    Returns
    -------
    str
        A configuration with a comment where something was guessed. What the files do not tell is
        left open, and `mlm check` asks for it.

    Raises
    ------
    SurveyError
        Files that cannot be read.
    """
    files = [profile_file(path, shown(path, root), choose=columns_to_read) for path in paths]
    return _Draft(files, long).text(survey)


def shown(path: Path, root: Path) -> str:
    """A file as a configuration names it: relative to the project's folder where it is below it.

    A file that is reached through a link in the folder is named by the link.
    """
    for base, file in ((root.absolute(), path.absolute()), (root.resolve(), path.resolve())):
        file = Path(os.path.normpath(file))
        if file.is_relative_to(base):
            return file.relative_to(base).as_posix()
    return path.resolve().as_posix()


class _Draft:
    """Lines of a configuration."""

    def __init__(self, files: Sequence[FileProfile], long: LongFile | None = None):
        self.long = long
        self.assessment = known = Assessment.of(files)
        renamed = one_name_for_each(files) if known is None else known.renamed()
        self.files = renamed.files
        self.renamed = renamed.names
        first = self.files[0].columns
        self.common = [c for c in first if all(c in file.columns for file in self.files)]
        levels = known.levels() if known else likely_levels(self.common, self.files)
        self.design = known.design() if known else likely_design(self.files, levels)
        self.levels = without_classes(self.files, levels, self.design)
        if long is not None:
            self.waves, self.time = long.waves, long.time
        else:
            self.waves = list(known.waves) if known else wave_guesses(self.files)
            are_years = all(w.is_year for w in self.waves)
            self.time = ("year", "Year") if are_years else ("time", "Time")
        taken = {level.column for level in self.levels}
        self.columns = [column for column in self.common if column not in taken]
        self.sample = AssessmentDraft(known, self.levels) if known else SampleDraft.of(self)
        self.columns = [column for column in self.columns if column not in self.sample.columns]
        self.codebook = Codebook(
            self.files,
            [wave.name for wave in self.waves],
            self.renamed,
            self.levels,
            self.design,
            {self.time[0], *(level.name for level in self.levels)},
        )

    def text(self, survey: str) -> str:
        """All of it."""
        parts = [
            "# Drafted by `mlm init` from the data files: a guess is marked '# ?'. Every key is",
            "# explained in config/README.md; `mlm check` tells what is still wrong.",
            *self.sample.remark(),
            f"survey: {survey}",
            f"title: {quoted(self._title(survey))} # ?",
            *self.sample.head(),
            "",
            f"design: {self.design} # ? {self._why()}",
            "",
            *self._levels(),
            "",
            *self._time(),
            f"waves: # ? names and times as in {self._where()}",
            *(f"  {wave_line(w, f)}" for w, f in zip(self.waves, self.files, strict=True)),
            "",
            "variables: # no `range` is drafted: a later wave may well go beyond what was found",
            *self.sample.entries(self.codebook),
            *self._variables(),
            *self.sample.further(),
            "",
            *self.sample.lines(self.codebook),
            *self._missing(),
            *self._analyses(),
        ]
        return "\n".join(parts) + "\n"

    def _where(self) -> str:
        if self.long is None:
            return "the names of the files"
        return f"the column {self.long.column} of {self.long.path.name}, split by it"

    def _title(self, survey: str) -> str:
        return f"{survey} survey" if self.assessment is None else self.assessment.cycles.title

    def _why(self) -> str:
        if not self.design.is_longitudinal:
            column = wave_column(self.columns, self.files[0])
            several = f"; if {column} tells waves, give each a file of its own" if column else ""
            return f"one wave{several}"
        if self.assessment is not None:
            return "each cycle is a sample of its own"
        lowest = self.levels[-1].column
        looked_at = lowest if self.design.follows_lowest else recurring_column(self.levels)
        if looked_at is None:
            return "no ids were found that could recur"
        above = [] if self.design.follows_lowest else columns_above(self.levels, looked_at)
        share = recurring_share(self.files, looked_at, above)
        return f"{share:.0%} of the values of {looked_at} recur from wave to wave"

    def _levels(self) -> Iterator[str]:
        yield "levels: # top to bottom"
        for i, level in enumerate(self.levels):
            entry = {"name": level.name}
            if level.column or level.is_open:
                entry["id"] = quoted(level.column or "?")
            entry["plural"] = level.plural
            if level.crossed is not None:
                entry["crossed"] = level.crossed
            elif are_local(self.files, self.levels, i):
                entry["ids"] = "local"
            recurs = i < len(self.levels) - 1 or self.design.follows_lowest
            recurs = recurs and level.crossed is None and self.assessment is None
            apart = spellings_between(self.files, level.column) if level.column and recurs else ()
            if apart and not self._is_drawn_anew(level.column):
                entry["ignore"] = f"[{', '.join(apart)}]"
            if level.column in self.renamed:
                own = self.renamed[level.column].items()
                names = {quoted(self.waves[i].name): quoted(column) for i, column in own}
                entry["names"] = mapping(names)
            remark = level.remark
            if level.is_open and self.design.follows_lowest:
                remark += f", or delete this line if {self.levels[-1].plural} are in no units"
            yield f"  - {mapping(entry)} # ?{f' {remark}' if remark else ''}"
        lowest = self.levels[-1].column
        serial = [f.name for f in self.files if lowest and are_row_numbers([f], lowest)]
        if serial:
            where = "each file" if len(serial) == len(self.files) else ", ".join(serial)
            yield f"  # {lowest} is just the number of the row in {where}"

    def _is_drawn_anew(self, column: str) -> bool:
        """Whether the units of a column are others in each wave, however their ids are written."""
        return not self.design.recurs and column == recurring_column(self.levels)

    def _time(self) -> list[str]:
        if not self.design.is_longitudinal:
            return []
        names = [level.name for level in self.levels]
        above = level_above_time(self.levels, self.design)
        follows = self.design.is_clear(names) and self.design.usual_level(names) == above
        below = "" if follows or above is None else f", below: {above}"
        name, label = self.time
        entry = f"time: {{name: {name}, label: {label}, coding: categories{below}}} # ?"
        return [f"{entry} or trend, a straight line; or polynomial, with its degree", ""]

    def _variables(self) -> Iterator[str]:
        for column in self.columns:
            yield from self.codebook.entry(column)
        for column, waves in partial_columns(self.files, self.common).items():
            hint = nearest(column, self.columns)
            near = f"; {hint}" if hint.startswith("did") else ""
            yield f"  # {column}: only in {', '.join(waves)}{near}"
            yield from self._in_its_place(column, len(waves))

    def _in_its_place(self, column: str, n_files: int) -> Iterator[str]:
        """Columns that may be one that most files have, renamed: its place, values like its."""
        others = in_its_place(self.files, column)
        if others and n_files >= len(others):
            names = {quoted(self.waves[i].name): quoted(other) for i, other in others.items()}
            yield f"  #   if it is what stands in its place elsewhere: names: {mapping(names)}"

    def _others(self, outcome: str | None, scores: Sequence[str]) -> str:
        """What to say of other columns that could be the outcome."""
        names = self.codebook.names
        if scores:
            return (
                f"? other scores: {', '.join(names[column] for column in scores)}: each is the "
                "outcome of an analysis of its own, or a term if it is of an earlier occasion"
            )
        known = {outcome}
        numbers = [
            names[v.column]
            for v in self.codebook.found
            if v.type == "number" and v.level == ROW and not v.is_key and v.column not in known
        ]
        if numbers and outcome is not None:
            return f"? other numbers that could be the outcome: {', '.join(numbers)}"
        return ""

    def _missing(self) -> Iterator[str]:
        """What becomes of rows that lack a term of the first analysis."""
        if self.assessment is not None or self.sample.columns:
            return
        scores = scores_among(self.codebook.found)
        terms, _ = self._chosen(terms_among(self.codebook.found, scores))
        yield from missing_lines(self.files, next(iter(scores), None), terms[:MAX_TERMS])

    def _scores(self) -> list[str]:
        """Columns of scores: of those known by draws the first of each."""
        drawn = [own[0] for own in self.sample.drawn.values() if own]
        return [c for c in (*drawn, *scores_among(self.codebook.found)) if c in self.common]

    def _chosen(self, terms: Sequence[str]) -> tuple[list[str], list[str]]:
        """Terms without those that tell of time, and these."""
        with_time = [c for c in terms if self.design.is_longitudinal and self._tells_time(c)]
        return [c for c in terms if c not in with_time], with_time

    def _tells_time(self, column: str) -> bool:
        """Whether a column tells the waves: by its name, or by one value in each, all different."""
        values = [self.files[i].columns[column].values for i in range(len(self.files))]
        own = {each[0] for each in values if len(each) == 1}
        return tells_time(column) or len(own) == len(values) > 1

    def _analyses(self) -> Iterator[str]:
        found = self.codebook.found
        yield "analyses:"
        if self.assessment is not None and self.sample.drawn:
            likely = terms_among(found, ())
            usual = [c for c in self.assessment.covariates() if c in likely]
            terms = [*usual, *(c for c in likely if c not in usual)]
            for score in self.sample.drawn:
                yield from self._analysis(score, terms, max(len(usual), 1))
            return
        scores = [*self.sample.drawn, *scores_among(found)]
        terms = terms_among(found, scores)
        yield from _comment(self._others(next(iter(scores), None), scores[1:]))
        yield from self._analysis(next(iter(scores), None), terms, MAX_TERMS)

    def _analysis(self, outcome: str | None, terms: Sequence[str], most: int) -> Iterator[str]:
        """One analysis; terms beyond the first few are left to choose."""
        names = self.codebook.names
        title = re.sub("[^A-Za-z0-9_-]", "_", names[outcome] if outcome else "first")[:23]
        yield f"  {title}_analysis:"
        if outcome is None:
            yield "    outcome: # ? no number of rows was found; name the variable to explain"
        else:
            yield f"    outcome: {names[outcome]} # ?"
        if not terms:
            yield "    terms: # ? no other column was found; name what may explain the outcome"
            return
        yield "    terms: # ? what is itself a result of the policy does not belong here"
        chosen, with_time = self._chosen(terms)
        made = made_of_scores(self.files, chosen, self._scores())
        chosen = [column for column in chosen if column not in made]
        for i, column in enumerate(chosen):
            yield f"      {'- ' if i < most else '# - '}{names[column]}"
        for column, score in made.items():
            yield f"      # - {names[column]} # is decided by {names.get(score, score)}"
        for column in with_time:
            yield f"      # - {names[column]} # tells of time too, as {self.time[0]} does"
        if not self.sample.columns:
            yield "    # compare: last_wave # effects of units compared; or waves_seen, lasting"
            yield "    # against: all # or above: against the others inside the same unit above"


def _comment(text: str) -> list[str]:
    """A comment below `analyses`, in lines of the usual length."""
    return textwrap.wrap(text, 94, initial_indent="  # ", subsequent_indent="  # ")
