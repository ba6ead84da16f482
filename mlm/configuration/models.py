"""The configuration of a survey as one immutable object."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from pydantic import AfterValidator, Field, GetPydanticSchema, PlainSerializer, PrivateAttr

from mlm.configuration.grids import Grid, read_grid
from mlm.configuration.missing.keys import Missing
from mlm.configuration.names import Identifier, SafeName, nearest
from mlm.configuration.parts import (
    Analysis,
    Disclosure,
    Level,
    Text,
    Time,
    Wave,
)
from mlm.configuration.programmes.filling import Filled
from mlm.configuration.publication import Publication
from mlm.configuration.sampled.keys import Cuts, LinkingErrors, Sampling, Score
from mlm.configuration.simulation.truth import Simulation
from mlm.configuration.survey_files import SurveyFiles, project_folder
from mlm.configuration.variable import Variable
from mlm.errors import ConfigurationError
from mlm.nouns.design import CROSS_SECTION, DESIGNS, Design, design_named
from mlm.nouns.levels import OCCASION, ROW, WAVE, PlannedLevel

NamedDesign = Annotated[
    Design,
    GetPydanticSchema(
        lambda _, handler: handler(
            Annotated[
                Literal[tuple(DESIGNS)],
                AfterValidator(design_named),
                PlainSerializer(str, return_type=str),
            ]
        )
    ),
]
"""A design that the configuration gives by its name."""


def _with_remark(design: Design) -> str:
    """A design as the schema lists it."""
    if not design.is_longitudinal:
        return f"{design} (one wave)"
    return str(design) if design.recurs else f"{design} (drawn anew in each wave)"


class Configuration(SurveyFiles):
    """A survey, its codebook and its analyses: all that `mlm` is told about a survey."""

    survey: SafeName = Field(description="Short name; results go to results/<survey>/.")
    title: Text = Field(description="Title of the survey.")
    description: Text = Field(description="What the survey is, in one paragraph.")
    source: Text = Field(description="Who made the data, and under which terms they are used.")
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")] = Field(
        "en",
        description="Language of the reports: en, fr, or one with a catalogue in reports/text/.",
    )
    disclosure: Disclosure = Field(
        Disclosure(), description="What the reports may show of few people."
    )
    publication: Publication = Field(
        Publication(), description="Publisher, contact, licence, address and look of the reports."
    )
    design: NamedDesign = Field(
        description="What recurs from wave to wave: "
        f"{', '.join(map(_with_remark, DESIGNS.values()))}."
    )
    levels: tuple[Level, ...] = Field(
        min_length=1,
        description="Kinds of units, top to bottom; two at least, where persons are followed one. "
        "The design adds time.",
    )
    time: Time | None = Field(None, description=f"Time; required except for a {CROSS_SECTION}.")
    waves: tuple[Wave, ...] = Field(min_length=1, description="The waves in order of time.")
    variables: dict[Identifier, Variable] = Field(
        min_length=1, description="Codebook: one entry for each variable."
    )
    analyses: dict[SafeName, Analysis] = Field(
        min_length=1, description="The analyses; each makes one report."
    )
    sampling: Sampling | None = Field(
        None,
        description="How the sample was drawn: weights, clusters, strata, replicates. Absent where "
        "rows count alike.",
    )
    plausible_values: dict[Identifier, Score] = Field(
        default_factory=dict,
        description="Variable: the columns with its plausible values, of which it is read; a list, "
        "or first and last (PV1MATH-PV5MATH).",
    )
    minimum_proficiency: dict[Identifier, Cuts] = Field(
        default_factory=dict,
        description="Outcome: the value from which a pupil is proficient, or several by name.",
    )
    linking_error: dict[Identifier, LinkingErrors] = Field(
        default_factory=dict,
        description="Outcome: standard error, in its unit, of the link between the scales of two "
        "waves, by '2018 to 2022'.",
    )
    missing: Missing = Field(
        Missing(), description="Missing covariates: left out, imputed by files, or drawn."
    )
    simulate: Simulation | None = Field(
        None, description="True parameters of a simulated survey; absent for a real one."
    )
    _filled: Filled | None = PrivateAttr(default=None)
    _path: Path = PrivateAttr(default=Path("config.yaml"))
    _grids: dict[str, Grid] = PrivateAttr(default_factory=dict)

    def grid(self, level: str) -> Grid:
        """The grid of a level, as read from its file; without tiles where it has none."""
        name = self.level(level).grid
        if level not in self._grids and name is not None:
            self._grids[level] = read_grid(self.root / name, name)
        return self._grids.get(level, Grid(()))

    @property
    def filled(self) -> Filled | None:
        """What the programme of the sample filled; None where none is named."""
        return self._filled

    @property
    def path(self) -> Path:
        """File the configuration was read from."""
        return self._path

    @property
    def root(self) -> Path:
        """Project folder that `files` are relative to: the folder above config/."""
        return project_folder(self._path)

    def of_ids_alone(self) -> Configuration:
        """The same survey as far as the ids of its units tell of it: without any variable."""
        gone = {"variables": {}, "analyses": {}, "plausible_values": {}, "sampling": None}
        gone |= {"minimum_proficiency": {}, "linking_error": {}, "missing": Missing()}
        return self.model_copy(update=gone)

    def with_outcomes_alone(self, names: Collection[str]) -> Configuration:
        """The same survey; of the analyses named, their outcomes alone, where these are numbers.

        What else they say is left out: it may be what no check would let pass.
        """
        gone = {"terms": (), "time_interactions": (), "protected": (), "policy": {}}
        gone |= {"slopes": (), "between": ()}
        numbers = {name for name, entry in self.variables.items() if not entry.is_category}
        analyses = {
            name: entry.model_copy(update=gone) if name in names else entry
            for name, entry in self.analyses.items()
            if name not in names or entry.outcome in numbers
        }
        return self.model_copy(update={"analyses": analyses})

    @property
    def style_files(self) -> dict[str, Path]:
        """Paths of the logo and the fonts, by the names that the configuration gives them."""
        return {name: self.root / name for name in self.publication.style.files}

    # --- levels, and where time comes in -------------------------------------------------

    @property
    def level_names(self) -> tuple[str, ...]:
        """Names of the levels, top to bottom."""
        return tuple(level.name for level in self.levels)

    @property
    def persons(self) -> frozenset[str]:
        """Names of the levels above the lowest whose units are persons, such as teachers."""
        return frozenset(level.name for level in self.levels if level.persons)

    @property
    def id_columns(self) -> tuple[str, ...]:
        """Id columns of a cleaned wave: they bear the names of the levels."""
        return self.level_names

    @property
    def time_below(self) -> str | None:
        """Level that time comes directly below; None: time is above all levels, or not there."""
        if self.time is not None and self.time.below is not None:
            return self.time.below
        return self.design.usual_level(self.level_names)

    @property
    def levels_above_time(self) -> tuple[str, ...]:
        """Levels whose units are followed over the waves; what they are crossed with is not."""
        if self.time_below is None:
            return ()
        above = self.levels[: self.level_names.index(self.time_below) + 1]
        return tuple(level.name for level in above if level.crossed is None)

    @property
    def levels_below_time(self) -> tuple[str, ...]:
        """Levels whose units belong to one wave."""
        lasting = {level.name for level in self.levels if level.crossed and level.ids == "global"}
        lasting.update(self.levels_above_time)
        return tuple(name for name in self.level_names if name not in lasting)

    @property
    def model_levels(self) -> tuple[PlannedLevel, ...]:
        """Levels of the models, top to bottom; the last is the residual.

        Groups are paths from the top, as lme4 writes ``a/b``: county, county:school,
        county:school:wave. Time above all levels is in the fixed part alone. Units that are crossed
        with the levels above them are known by their own id; those that are crossed with the units
        below them, such as classes with pupils, are county:school:wave:class.
        """
        if self.design.follows_lowest:
            units = (
                PlannedLevel(name, self.unit_path(name), beside=name in self.crossing_levels)
                for name in self.level_names
            )
            return (*units, PlannedLevel(OCCASION, ()))
        path = self.level_names
        if self.design.is_longitudinal:
            path = (*self.levels_above_time, WAVE, *self.levels_below_time)
        levels = [self._level_of(path[: i + 1]) for i in range(len(path) - 1)]
        kept = [level for level in levels if level.group != (WAVE,)]
        return (*kept, PlannedLevel(path[-1], ()))

    def _level_of(self, path: tuple[str, ...]) -> PlannedLevel:
        """The level of the units that a path from the top leads to."""
        if path[-1] == WAVE:
            return PlannedLevel(self.time_below or WAVE, path, in_wave=True)
        return PlannedLevel(path[-1], path)

    @property
    def crossed_level(self) -> str | None:
        """The level whose units stay the same when they move, where one is declared so."""
        return next((level.name for level in self.levels if level.moves == "crossed"), None)

    @property
    def crossing_levels(self) -> tuple[str, ...]:
        """Levels whose units are crossed with the lowest ones, such as classes with pupils."""
        return tuple(level.name for level in self.levels if level.crossed is not None)

    def path_in_wave(self, level: str) -> tuple[str, ...]:
        """Levels around a level within a wave, from the top, and the level itself.

        The lowest units do not lie in those that they are crossed with.
        """
        path = self.level_names[: self.level_names.index(level) + 1]
        left_out = () if level in self.crossing_levels else self.crossing_levels
        return tuple(name for name in path if name not in left_out)

    def unit_path(self, level: str) -> tuple[str, ...]:
        """Levels whose ids make a unit of a level: from the top, or its own id alone.

        ``wave`` is among them where the units are of a wave and crossed with those followed.
        """
        path, crossing = self.path_in_wave(level), self.crossing_levels
        if level == self.crossed_level or (level in crossing and self.level(level).ids == "global"):
            return (level,)
        if level not in crossing:
            return path
        place = path.index(crossing[0])
        return (*path[:place], WAVE, *path[place:])

    # --- look-ups -----------------------------------------------------------------------

    @property
    def wave_names(self) -> tuple[str, ...]:
        """Names of the waves in order of time."""
        return tuple(wave.name for wave in self.waves)

    def level(self, name: str) -> Level:
        """The level of that name."""
        return next(level for level in self.levels if level.name == name)

    def time_in_models(self, wave: str) -> float:
        """Position of a wave in time as it enters the models.

        A curve counts from the first wave; so does a line where 0 is not between the waves, as in
        calendar years: effects at such an origin are far from all that was seen.
        """
        coding = None if self.time is None else self.time.coding
        first, last = self.waves[0].time, self.waves[-1].time
        is_outside = coding == "trend" and not first <= 0.0 <= last
        origin = first if coding == "polynomial" or is_outside else 0.0
        return float(self.wave(wave).time - origin)

    def wave(self, name: str) -> Wave:
        """The wave of that name.

        Raises
        ------
        ConfigurationError
            No wave has the name.
        """
        found = [wave for wave in self.waves if wave.name == name]
        return found[0] if found else _refuse(self, "wave", name, self.wave_names)

    def analysis(self, name: str) -> Analysis:
        """The analysis of that name.

        Raises
        ------
        ConfigurationError
            No analysis has the name.
        """
        found = self.analyses.get(name)
        return found if found else _refuse(self, "analysis", name, self.analyses)

    def column_of(self, variable: str, wave: str) -> str:
        """Column of a wave's files that holds a variable."""
        entry = self.variables[variable]
        return entry.names.get(wave) or entry.column or variable

    def columns_of(self, variable: str, wave: str) -> tuple[str, ...]:
        """Columns that may hold a variable in a wave's files, the usual one first."""
        entry = self.variables[variable]
        return tuple(dict.fromkeys((self.column_of(variable, wave), *entry.aliases)))

    def waves_looked_at(self, wave: str) -> tuple[str, ...]:
        """Waves whose files the cleaning of a wave reads: its own, and those a policy needs.

        ``moves: first`` looks at the ids of the earlier waves, ``moves: drop`` at those of all;
        an aggregate that is ``first`` at the values of the earlier ones, one with ``waves: all`` at
        those of all.
        """
        names = self.wave_names
        over = {v.aggregate.statistic for v in self.variables.values() if v.is_over_waves}
        policies = {level.moves for level in self.levels} if self.time is not None else set()
        if over - {"first"} or "drop" in policies:
            return names
        return names[: names.index(wave) + 1] if over or "first" in policies else (wave,)

    @property
    def read_variables(self) -> dict[str, Variable]:
        """Variables that stand in the files, without those computed or known by draws."""
        known = self.variables.items()
        return {n: v for n, v in known if v.is_read and n not in self.plausible_values}

    @property
    def single_variables(self) -> dict[str, Variable]:
        """Variables that have one value in each row, without those known by draws."""
        return {n: v for n, v in self.variables.items() if n not in self.plausible_values}

    def holding(self, variable: str) -> tuple[str, ...]:
        """Columns of the clean tables that hold a variable: its draws, or the variable itself."""
        entry = self.plausible_values.get(variable)
        return (variable,) if entry is None else entry.columns

    def shown_by(self, variable: str) -> str:
        """The column of the clean tables that shows a variable: of several draws the first."""
        return self.holding(variable)[0]

    def held_in(self, column: str) -> str:
        """The variable that a column of the clean tables holds, of which it may be a draw."""
        drawn = (name for name, entry in self.plausible_values.items() if column in entry.columns)
        return next(drawn, column)

    @property
    def is_sampled(self) -> bool:
        """Whether analyses are those of a sample: rows have weights, or scores plausible values."""
        return self.sampling is not None or bool(self.plausible_values)

    def depth(self, level: str) -> int:
        """Place of a level from the top, from 0; ``row`` is below all named levels."""
        return len(self.levels) if level == ROW else self.level_names.index(level)

    @property
    def levels_with_ids(self) -> tuple[str, ...]:
        """Levels whose ids stand in the files: all, or all but the lowest."""
        return tuple(level.name for level in self.levels if level.id is not None)

    def id_column_of(self, level: str, wave: str) -> str:
        """Column of a wave's files that holds the ids of a level that has them."""
        entry = self.level(level)
        return entry.names.get(wave) or entry.id


def _refuse(configuration: Configuration, kind: str, name: str, known) -> NoReturn:
    raise ConfigurationError(
        f"{configuration.path}: no {kind} is named {name!r}; {nearest(name, known)}"
    )
