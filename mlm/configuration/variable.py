"""Codebook entries: what a variable is, how it is read, and how it is computed from others."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from mlm.configuration.names import Identifier
from mlm.configuration.parts import ConfigurationPart, Text


class WaveEntry(ConfigurationPart):
    """What one wave does otherwise than the codebook entry says."""

    recode: dict[str, str] | None = Field(None, description="Recode in that wave.")
    missing: dict[str, Text] | None = Field(None, description="Missing codes in that wave.")
    range: tuple[float, float] | None = Field(None, description="Valid numbers in that wave.")
    rescale: tuple[float, float] | None = Field(
        None, description="[times, plus]: puts the numbers of that wave on the scale of the others."
    )
    rescaled: bool = Field(
        False, description="The scale changed in that wave and is meant to: no shift is reported."
    )


class Aggregate(ConfigurationPart):
    """A statistic of a variable over the rows of each unit of a level."""

    of: Identifier | None = Field(
        None, description="The variable; for count it may be left out: all rows count."
    )
    within: Identifier = Field(description="Level whose units the rows belong to.")
    statistic: Literal["mean", "share", "sd", "count", "leave_one_out", "first"] = Field(
        description="mean, sd or count of the rows with a value; share of the rows in the "
        "categories; leave_one_out: mean of the other rows of the unit; first: the value in the "
        "first wave that has one, of those who are followed."
    )
    categories: tuple[str, ...] = Field((), description="For share: the categories that count.")
    waves: Literal["each", "all"] = Field(
        "each",
        description="each: over the rows of one wave; all: over those of all waves. With all, a "
        "new wave changes the older ones, which are cleaned and accumulated again. first looks at "
        "the waves before by itself.",
    )

    @property
    def is_over_waves(self) -> bool:
        """Whether rows of other waves count."""
        return self.waves == "all" or self.statistic == "first"


UNIT_MEANS = ("mean", "leave_one_out", "share")
"""Statistics of ``aggregate`` that split a variable into effects within units and between them."""


class Category(ConfigurationPart):
    """A category in words."""

    label: Text = Field(description="Name in tables and charts.")
    phrase: Text | None = Field(
        None,
        description="Its members in sentences, in the plural and in lower case: girls, pupils with "
        "free lunch, small classes; default: named by the label, in quotation marks.",
    )


def _labelled(entry: object) -> object:
    """A category whose label may stand alone."""
    return {"label": entry} if isinstance(entry, str) else entry


class Variable(ConfigurationPart):
    """Codebook entry of one variable: said once, true for all waves."""

    label: Text = Field(description="Name in the report.")
    phrase: Text | None = Field(
        None,
        description="Name in sentences, with its article: the mathematics score; default: the and "
        "the label, in lower case.",
    )
    type: Literal["number", "category", "ordered", "time"] = Field(
        description="number, category, ordered (a category whose order counts) or time (a date)."
    )
    level: Identifier = Field(
        description="Level the variable describes: a level's name, or row for the lowest."
    )
    unit: Text | None = Field(
        None, description="Unit of a number; of a time years (default) or days."
    )
    range: tuple[float, float] | None = Field(
        None, description="Lowest and highest valid number; a cell outside is an error."
    )
    categories: (
        dict[
            str,
            Annotated[Category, BeforeValidator(_labelled, json_schema_input_type=Text | Category)],
        ]
        | None
    ) = Field(
        None,
        description="Code in the file: label in the report, or {label, phrase}; the order is kept.",
    )
    reference: str | None = Field(None, description="Reference category; default: the first.")
    scores: tuple[float, ...] | None = Field(
        None,
        description="Of type ordered: a number for each category, increasing. The variable is a "
        "number in the models then; otherwise its categories are.",
    )
    format: Text | None = Field(
        None,
        description="Of type time: how dates are written, as %d.%m.%Y; default: as 2024-05-31.",
    )
    century: Annotated[int, Field(ge=1000, le=9900)] | None = Field(
        None,
        description="Of type time, where the years of `format` have two digits (%y): the first of "
        "the hundred years that they stand for; 1930 means 1930 to 2029.",
    )
    origin: date | None = Field(
        None, description="Of type time: the date that counts as 0; default: 2000-01-01."
    )
    recode: dict[str, str] = Field(
        default_factory=dict, description="Code in the file: category it is counted as."
    )
    rescale: tuple[float, float] | None = Field(
        None,
        description="[times, plus]: each number is multiplied and added to. Missing codes are as "
        "in the file, the range is that of the numbers after it.",
    )
    missing: dict[str, Text] = Field(
        default_factory=dict,
        description="Codes that mean missing, with their meaning; an empty cell always does.",
    )
    column: Text | None = Field(None, description="Column in the files; default: the name.")
    names: dict[str, Text] = Field(
        default_factory=dict, description="Column by wave, where it differs."
    )
    aliases: tuple[Text, ...] = Field(
        (), description="Other names of the column; the one that a file has is used."
    )
    by_wave: dict[str, WaveEntry] = Field(
        default_factory=dict, description="Recode, missing codes, range by wave, where they differ."
    )
    derive: Text | None = Field(
        None,
        description="Arithmetic that gives the number from other variables: + - * / **, "
        "comparisons (1 or 0), log, log10, exp, sqrt, abs, minimum, maximum, mean.",
    )
    aggregate: Aggregate | None = Field(
        None, description="The number is a statistic of another variable over a unit's rows."
    )
    centre: Identifier | None = Field(
        None,
        description="Subtract the mean of the wave (wave), or that of each unit of a level in the "
        "wave (the level's name).",
    )
    standardise: Literal["within_wave"] | None = Field(
        None, description="Subtract the wave's mean and divide by its standard deviation."
    )

    @property
    def is_category(self) -> bool:
        """Whether the variable is a category in the models; an ordered one with scores is not."""
        return self.has_categories and self.scores is None

    @property
    def has_categories(self) -> bool:
        """Whether the cells of the files are codes of categories."""
        return self.type in ("category", "ordered")

    @property
    def is_read(self) -> bool:
        """Whether the variable stands in the files; otherwise it is computed."""
        return self.derive is None and self.aggregate is None

    @property
    def is_over_waves(self) -> bool:
        """Whether the variable is a statistic over rows of several waves."""
        return self.aggregate is not None and self.aggregate.is_over_waves

    def in_wave(self, wave: str) -> Variable:
        """The entry as it holds in one wave."""
        entry = self.by_wave.get(wave)
        if entry is None:
            return self
        changes = {key: getattr(entry, key) for key in ("recode", "missing", "range", "rescale")}
        return self.model_copy(update={k: v for k, v in changes.items() if v is not None})
