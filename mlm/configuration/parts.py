"""Parts of a configuration: levels, time, waves, variables, analyses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from mlm.configuration.magnitude import UNUSUAL, is_usual
from mlm.configuration.names import HASH, Identifier, SafeName
from mlm.nouns.assignment import Evidence, Groups
from mlm.nouns.comparison import Against, Compared
from mlm.nouns.ids.spelling import Spelling

Text = Annotated[str, StringConstraints(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Hash = Annotated[str, StringConstraints(pattern=HASH)]
Encoding = Literal[
    "utf-8",
    "utf-16",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
]


def _numbers_in(value: object) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, tuple | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _numbers_in(part)


class ConfigurationPart(BaseModel):
    """Base of all parts: immutable, and no key is accepted that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    @field_validator("*")
    @classmethod
    def _is_of_usual_size(cls, value: object) -> object:
        """Refuse numbers whose squares and products no computer holds."""
        for number in _numbers_in(value):
            if not is_usual(number):
                raise ValueError(UNUSUAL.format(number=f"{number:g}"))
        return value


class Level(ConfigurationPart):
    """A named kind of unit: county, school, class, pupil."""

    name: Identifier = Field(description="Name of one unit, such as school.")
    id: Text | None = Field(
        None,
        description="Column of the wave files that holds the unit's id. The lowest level may be "
        "without: each row is a unit then.",
    )
    label: Text | None = Field(None, description="Singular for the report; default: the name.")
    plural: Text | None = Field(None, description="Plural for the report; default: name + s.")
    names: dict[str, Text] = Field(
        default_factory=dict, description="Id column by wave, where it differs from `id`."
    )
    missing: dict[str, Text] = Field(
        default_factory=dict,
        description="Id codes that mean 'unit not known', with their meaning. Rows without an id "
        "are excluded and counted. An empty cell is always missing.",
    )
    ids: Literal["local", "global"] | None = Field(
        None,
        description="Whether an id means one unit within its parent only (local) or wherever it "
        "is found (global); default: local for the models, and found from the ids for the account "
        "of moves.",
    )
    ignore: tuple[Spelling, ...] = Field(
        (),
        description="Differences of spelling that make no other unit: zeros (007, 7; 7.000, 7), "
        "case (A1, a1), accents (é, e), characters (full-width and other compatibility forms of "
        "Unicode), marks (kinds of dashes; apostrophes and quotation marks, which are left out), "
        "blanks (which are left out). The ids are written without them.",
    )
    moves: Literal["episode", "first", "drop", "error", "crossed"] = Field(
        "episode",
        description="What becomes of a unit that is found under another parent in a later wave: "
        "another unit there (episode), the same unit, crossed with its parents (crossed), the "
        "first parent's unit throughout (first), left out of all waves (drop), or an error.",
    )
    persons: bool = Field(
        False,
        description="Whether each unit is a person, such as a teacher. Public reports then protect "
        "counts of them like those of the lowest level, whose units always are, and name none.",
    )
    crossed: Identifier | None = Field(
        None,
        description="The followed level that the units are crossed with, such as pupil: a class "
        "or teacher that a pupil has in one wave, and others of in the next. Its units are of a "
        "wave (the same id in another wave is another unit), or one in all waves and places with "
        "'ids: global'.",
    )
    twice: Literal["error", "first", "drop"] = Field(
        "error",
        description="What becomes of a unit with two rows, or two parents, in one wave: an error, "
        "its first row counts (first), or none of its rows (drop).",
    )
    grid: Text | None = Field(
        None,
        description="CSV file with the columns id, column and row: the place of each unit on a "
        "tile map in the report, counted from 1 from the left and from the top. Of the first "
        "level; relative to the project's folder.",
    )


class Time(ConfigurationPart):
    """How the waves enter the models."""

    name: Identifier = Field(description="Name of time in formulas and results, such as grade.")
    label: Text = Field(description="Name of time in the report.")
    coding: Literal["categories", "trend", "polynomial"] = Field(
        "categories",
        description="One effect for each wave (categories), a straight line (trend), or a curve "
        "of a stated degree (polynomial).",
    )
    degree: int | None = Field(
        None,
        ge=2,
        description="Highest power of time, where it is a polynomial; time counts from the first "
        "wave then.",
    )
    below: Identifier | None = Field(
        None,
        description="The level that time comes directly below. Follows from the design with up "
        "to three levels, and where the lowest units are followed; must be said otherwise.",
    )


class Wave(ConfigurationPart):
    """One wave of the survey and the files it is delivered in."""

    name: SafeName = Field(description="Short name, used in paths and results.")
    label: Text | None = Field(None, description="Name in the report; default: the name.")
    time: float = Field(description="Position in time (year, grade), increasing over the waves.")
    files: tuple[Text, ...] = Field(
        min_length=1,
        description="Files of the wave, relative to the project's folder; `*` stands for any "
        "characters of a name: all files that fit, in the order of their names.",
    )
    delimiter: Literal[",", ";", "\t", "|"] = Field(
        ",", description="Character between the cells of a line of a text file."
    )
    decimal: Literal[".", ","] = Field(
        ".", description="Decimal mark of the numbers in a text file."
    )
    thousands: Literal[",", ".", " ", "'"] | None = Field(
        None,
        description="Mark between groups of three digits of the numbers in a text file, as in "
        "1,234; a number may do without.",
    )
    encoding: Encoding = Field("utf-8", description="Character encoding of the text files.")
    sheet: Text | None = Field(
        None, description="Sheet of the Excel files; needed where a file has several."
    )
    cells: Literal["codes", "labels"] = Field(
        "codes",
        description="Whether cells with a value label (SPSS, Stata) count as their code or as "
        "their label.",
    )
    rows: Annotated[int, Field(ge=0)] | dict[str, Annotated[int, Field(ge=0)]] | None = Field(
        None,
        description="Number of rows announced by the data owner, of the wave or by file; checked "
        "when given.",
    )
    sha256: dict[str, Hash] = Field(
        default_factory=dict, description="Announced SHA-256 by file; checked when given."
    )


class Disclosure(ConfigurationPart):
    """What a report may show of few people."""

    mode: Literal["public", "controlled"] = Field(
        "public",
        description="public: counts below the threshold and names of small units are hidden; "
        "controlled: everything is shown, for inside use.",
    )
    threshold: int = Field(
        10, ge=2, description="Smallest count of persons that a public report shows, zero apart."
    )
    units: int = Field(
        3,
        ge=2,
        description="Fewest units, such as schools, that a mean, a share or a coefficient of a "
        "public report rests on.",
    )


class Ranking(ConfigurationPart):
    """What must hold before units may be ranked."""

    reliability: Share = Field(0.7, description="Lowest mean reliability of the unit effects.")
    separable: Share = Field(0.3, description="Lowest share of pairs that can be told apart.")
    stability: Share = Field(0.5, description="Lowest correlation of effects between waves.")


class PolicyClaim(ConfigurationPart):
    """How units came under a policy."""

    evidence: Evidence = Field(
        description="randomised; adjusted (not at random, with covariates); or observational."
    )
    level: Identifier | None = Field(
        None,
        description="Level whose units were assigned, such as school; row for single rows. Without "
        "it and the wave no difference is told as an effect.",
    )
    wave: SafeName | None = Field(None, description="Wave in which they were assigned.")
    groups: Groups = Field(
        "attended",
        alias="as",
        description="What the variable tells after that wave: the group that a unit was assigned "
        "to, carried forward (assigned), or the one that it was in then (attended).",
    )


def _in_full(claim: object) -> object:
    """A claim on a policy; its evidence may stand alone."""
    return {"evidence": claim} if isinstance(claim, str) else claim


class Analysis(ConfigurationPart):
    """One outcome and the models that are tried for it."""

    outcome: Identifier = Field(description="The variable to explain: a number at row level.")
    title: Text | None = Field(None, description="Title in the report; default: outcome's label.")
    terms: tuple[str, ...] = Field(
        min_length=1,
        description="Fixed effects of the full model: variables (a), products (a:b), powers (a^2). "
        "Time is always added.",
    )
    time_interactions: tuple[Identifier, ...] = Field(
        (), description="Variables whose product with time enters the full model."
    )
    protected: tuple[str, ...] = Field(
        (), description="Terms the reduction never drops, beside time and policies."
    )
    policy: dict[
        str,
        Annotated[
            PolicyClaim, BeforeValidator(_in_full, json_schema_input_type=Evidence | PolicyClaim)
        ],
    ] = Field(
        default_factory=dict,
        description="Policy variables and how units came under them: evidence, level, wave, as; or "
        "the evidence alone. Only what was assigned at random, at a level and in a wave that are "
        "said, is told as an effect.",
    )
    slopes: tuple[Identifier, ...] | None = Field(
        None,
        description="Variables tried as random slopes; default: all kept variables that vary "
        "within the groups of a level.",
    )
    pupil_interactions: bool = Field(
        True,
        description="Whether the pairwise products and the squares of the variables of pupils and "
        "rows are tested against the full model.",
    )
    between: tuple[Identifier, ...] = Field(
        (),
        description="Variables whose effect is split into one within units and one between them; "
        "a mean of each over units (aggregate), of a category the share of each of its categories "
        "but the reference, must be among the terms.",
    )
    alpha: float = Field(0.05, gt=0, lt=0.5, description="Significance level of the reduction.")
    ranking: Ranking = Field(
        Ranking(), description="Thresholds, 0 to 1, that must be met before units are ranked."
    )
    compare: Compared = Field(
        "last_wave",
        description="Effects of units that are compared: last_wave, those in the last wave; "
        "waves_seen, the mean over the waves that a unit was seen in; lasting, the part that is "
        "the same in every wave.",
    )
    against: Against = Field(
        "all",
        description="Against whom units are compared: all units, so that the effects of those "
        "around them count, or above: the others inside the same unit above.",
    )
