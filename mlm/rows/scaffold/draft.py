"""The text of a first configuration: what was found in the files, and what is left to decide."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from mlm.configuration.names import RESERVED, nearest
from mlm.errors import SurveyError
from mlm.nouns.design import Design
from mlm.nouns.levels import ROW
from mlm.rows.scaffold.columns import (
    code_place,
    kind_of,
    partial_columns,
    range_of,
    wave_names,
)
from mlm.rows.scaffold.levels import (
    IdColumn,
    are_row_numbers,
    level_of,
    likely_design,
    likely_ids,
    seems_id,
)
from mlm.rows.scaffold.profiles import FileProfile, profile_file
from mlm.rows.scaffold.yaml_text import mapping, quoted

MAX_TERMS = 8
_OUTCOME = re.compile(r"score|math|read|science|exam|test|result|mark|grade_point|pv1", re.I)


def draft_configuration(paths: Sequence[Path], *, survey: str, root: Path) -> str:
    """YAML text of a configuration drafted from data files, one file a wave.

    Parameters
    ----------
    paths : sequence of Path
        Files in order of time.
    survey : str
        Short name of the survey.
    root : Path
        Project folder; files below it are named relative to it.

    Returns
    -------
    str
        A valid configuration with a comment where something was guessed.

    Raises
    ------
    SurveyError
        Files that cannot be read, or that have no id of a lowest and a higher level.
    """
    files = [profile_file(path, _shown(path, root)) for path in paths]
    common = [c for c in files[0].columns if all(c in file.columns for file in files)]
    ids = likely_ids(common, files)
    if len(ids) < 2:
        raise SurveyError(
            "no two levels were found: id columns with names such as school and pupil are looked "
            f"for, found: {', '.join(level.column for level in ids) or 'none'}; rename the id "
            "columns, or copy an example from config/"
        )
    design = likely_design(files, ids)
    if design.follows_lowest:
        ids = [level for level in ids if level.name != "class"]
    return _Draft(files, ids, design, common).text(survey)


def _shown(path: Path, root: Path) -> str:
    path, root = path.resolve(), root.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


class _Draft:
    """Lines of a configuration."""

    def __init__(
        self,
        files: Sequence[FileProfile],
        ids: Sequence[IdColumn],
        design: Design,
        common: Sequence[str],
    ):
        self.files, self.ids, self.design = files, ids, design
        taken = {level.column for level in ids}
        self.columns = [column for column in common if column not in taken]
        self.partial = partial_columns(files, common)
        self.names: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.levels: dict[str, str] = {}

    def text(self, survey: str) -> str:
        """All of it."""
        variables = self._variables()
        parts = [
            "# Drafted by `mlm init` from the data files: a guess is marked '# ?'. Every key is",
            "# explained in config/README.md; `mlm check` tells what is still wrong.",
            f"survey: {survey}",
            f"title: {quoted(survey + ' survey')} # ?",
            "description: What the survey is, in one paragraph. # ?",
            "source: Who made the data, and under which terms they are used. # ?",
            "",
            f"design: {self.design} # ? {self._why()}",
            "",
            *self._levels(),
            "",
            *self._time(),
            "waves:",
            *self._waves(),
            "",
            "variables:",
            *variables,
            "",
            *self._analyses(),
        ]
        return "\n".join(parts) + "\n"

    def _why(self) -> str:
        if not self.design.is_longitudinal:
            return "one wave"
        looked_at = self.ids[-1 if self.design.follows_lowest else -2].column
        many = "many" if self.design.recurs else "few"
        return f"{many} values of {looked_at} recur from wave to wave"

    def _levels(self) -> list[str]:
        lines = ["levels: # top to bottom"]
        for level in self.ids:
            line = f"{{name: {level.name}, id: {quoted(level.column)}, plural: {level.plural}}}"
            lines.append(f"  - {line}")
        if are_row_numbers(self.files, self.ids[-1].column):
            lines.append(f"  # {self.ids[-1].column} is just the number of the row in each file")
        return lines

    def _time(self) -> list[str]:
        if not self.design.is_longitudinal:
            return []
        names, recurring = [level.name for level in self.ids], self.design.recurring
        place = recurring if recurring in names[:-1] else self.design.usual_level(names)
        below = "" if self.design.is_clear(names) else f", below: {place}"
        return [f"time: {{name: time, label: Time, coding: categories{below}}} # ?", ""]

    def _waves(self) -> list[str]:
        lines = []
        for name, time, file in zip(*wave_names(self.files), self.files, strict=True):
            entry = {"name": name, "time": time, "files": f"[{quoted(file.name)}]"}
            if file.form.delimiter != ",":
                entry["delimiter"] = json.dumps(file.form.delimiter)
            if file.form.marks.decimal != ".":
                entry["decimal"] = json.dumps(file.form.marks.decimal)
            if file.form.marks.thousands is not None:
                entry["thousands"] = json.dumps(file.form.marks.thousands)
            if file.form.encoding != "utf-8":
                entry["encoding"] = file.form.encoding
            lines.append(f"  - {mapping(entry)}")
        return lines

    def _variables(self) -> list[str]:
        lines: list[str] = []
        for column in self.columns:
            lines += self._variable(column)
        for column, waves in self.partial.items():
            hint = nearest(column, self.columns)
            near = f"; {hint}" if hint.startswith("did") else ""
            lines.append(f"  # {column}: only in {', '.join(waves)}{near}")
        if "number" not in self.kinds.values():
            raise SurveyError("no column of numbers was found that could be an outcome")
        return lines

    def _variable(self, column: str) -> list[str]:
        profiles = [file.columns[column] for file in self.files]
        values = list(dict.fromkeys(value for profile in profiles for value in profile.values))
        kind = kind_of(profiles, values)
        if seems_id(column):
            return [f"  # {column}: seems to hold ids; not used"]
        if len(profiles) > 1 and all(len(profile.values) < 2 for profile in profiles):
            return [f"  # {column}: one value in each wave, as time itself; not used"]
        if kind is None:
            what = "no value" if not values else f"{len(values)} different texts"
            return [f"  # {column}: {what}; not used"]
        name = self.names[column] = self._identifier(column)
        self.kinds[column] = kind
        level = self.levels[column] = level_of(self.files, column, self.ids, self.design)
        label = next((p.notes.label for p in profiles if p.notes.label), None)
        lines = [
            f"  {name}:",
            f"    label: {quoted(label or column)}",
            f"    type: {kind}",
            f"    level: {level} # ?",
        ]
        if name != column:
            lines.append(f"    column: {quoted(column)}")
        if kind == "number":
            low, high = range_of(profiles)
            lines.append(f"    range: [{low:g}, {high:g}] # ? of what was found")
        elif kind == "category":
            labels = {c: t for profile in profiles for c, t in profile.notes.labels.items()}
            ordered = sorted(values, key=code_place)
            lines.append("    categories:")
            lines += [f"      {quoted(c)}: {quoted(labels.get(c, c))}" for c in ordered]
        missing = {code: text for profile in profiles for code, text in profile.missing.items()}
        if missing:
            entries = ", ".join(f"{json.dumps(c)}: {quoted(t)}" for c, t in missing.items())
            lines.append(f"    missing: {{{entries}}} # ?")
        return lines

    def _identifier(self, column: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_]+", "_", column).strip("_")[:28] or "x"
        name = name if name[0].isalpha() else f"v{name}"
        taken = {*self.names.values(), *RESERVED, *(level.name for level in self.ids), "time"}
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        return unique

    def _n_columns(self, column: str) -> int:
        """Columns that a term makes in a model, so that simple terms come first."""
        if self.kinds[column] != "category":
            return 1
        return max(len(file.columns[column].values) for file in self.files) - 1

    def _analyses(self) -> list[str]:
        rows = [c for c, kind in self.kinds.items() if kind == "number"]
        rows = [c for c in rows if self.levels[c] == ROW] or rows
        likely = [column for column in rows if _OUTCOME.search(column)]
        outcome = (likely or rows)[0]
        terms = [column for column in self.kinds if column not in (outcome, *likely)]
        if not terms:
            terms = [column for column in self.kinds if column != outcome]
        if not terms:
            raise SurveyError("beside the outcome no column was found that could explain it")
        name = self.names[outcome]
        terms.sort(key=self._n_columns)
        lines = [
            "analyses:",
            f"  {re.sub('[^A-Za-z0-9_-]', '_', name)}_analysis:",
            f"    outcome: {name} # ?",
            "    terms: # ? what is itself a result of the policy does not belong here",
        ]
        lines += [f"      - {self.names[column]}" for column in terms[:MAX_TERMS]]
        lines += [f"      # - {self.names[column]}" for column in terms[MAX_TERMS:]]
        return lines
