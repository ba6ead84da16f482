"""The settled model, and how its random part was reached: forms over waves, level by level."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.models import Model
from mlm.results.names import Formula
from mlm.results.record import Record
from mlm.results.test import AnyTest

WaveForm = Literal[
    "constant",
    "part_by_wave",
    "variances_by_wave",
    "autoregressive",
    "autoregressive_variances",
    "line",
    "unstructured",
]
"""Forms that the effects of a level's units have over waves."""

VARIANCES_BY_WAVE: tuple[WaveForm, ...] = ("variances_by_wave", "autoregressive_variances")
"""Forms of few parameters in which standard deviations differ by wave."""

IntervalMethod = Literal["profile", "draws"]
"""How intervals of variances and shares are found."""


class LevelForm(Record):
    """The form over waves of one level."""

    level: Level
    start: WaveForm = Field(
        description="the richest form that its units carry, where the search began"
    )
    form: WaveForm = Field(description="in the settled model")
    recurs: bool = Field(description="whether units of the level are seen in several waves")


class FormStep(Record):
    """A simpler form of one level, tried while all others stayed as they were."""

    round: int = Field(description="from 1; of the forms of one round one at most is taken")
    level: Level
    before: WaveForm = Field(description="the form of the level until then")
    form: WaveForm = Field(description="the simpler one")
    taken: bool = Field(description="whether the simpler form was taken")
    beside_slopes: bool = Field(
        description="whether random slopes were in the model: a second look"
    )
    test: AnyTest = Field(description="that the simpler form holds, by REML")


class FreedForm(Record):
    """A form that was given up: slopes over the units are to be correlated with their effects."""

    level: Level
    before: WaveForm
    form: WaveForm


class RandomPartPath(Record):
    """The random part of the settled model, and the path to it."""

    formula: Formula = Field(description="of the model that the forms were chosen in")
    levels: tuple[LevelForm, ...] = Field(description="the forms of all levels, outermost first")
    path: tuple[FormStep, ...] = Field(
        description="forms that were tried, in order; those of one round stand together"
    )
    freed: tuple[FreedForm, ...] = Field(description="between the forms and the slopes")


class WaveShare(Record):
    """Share of a level in the variance of one wave."""

    share: float = Field(description="of the sum over the levels, 0 to 1")
    lower: float | None = Field(description="of the 95 % interval")
    upper: float | None = Field(description="of the 95 % interval")


class SettledVariance(Record):
    """The variance of a level in the settled model."""

    level: Level
    holds: tuple[Level, ...] = Field(
        description="levels whose variation this form of the level holds too: its units in waves, "
        "or the rows"
    )
    variance: float = Field(
        description="in squared units of the outcome, the mean over the rows of the waves, "
        "variables with slopes at their mean"
    )
    sd: float = Field(description="its root, in units of the outcome")
    by_wave: tuple[float, ...] | None = Field(
        description="variance in each wave; None where it is the same in all"
    )
    share: float = Field(description="of the sum over the levels, 0 to 1")
    lower: float | None = Field(description="of the 95 % interval of the share")
    upper: float | None = Field(description="of the 95 % interval of the share")
    shares_by_wave: tuple[WaveShare, ...] | None = Field(
        description="in each wave, with intervals by draws; None where no variance differs between "
        "waves"
    )
    reduction: float | None = Field(
        description="part of the null model's variance of the level, and of those it holds, that "
        "is gone"
    )


class SettledModel(Model):
    """The settled model: what the reduction kept, under the settled random part."""

    random_part: RandomPartPath
    intervals: IntervalMethod = Field(
        description="how intervals of shares and of slopes are found: by the profile of the "
        "likelihood or, where an evaluation takes long, from parameters drawn as likely as the "
        "data make them"
    )
    variances: tuple[SettledVariance, ...]
