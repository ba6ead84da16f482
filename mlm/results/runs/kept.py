"""What is kept of the results of an analysis, so that the next report can say what changed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.nouns.comparison import Against, Compared
from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.names import (
    Category,
    Commit,
    CountName,
    Day,
    Digest,
    Label,
    Unit,
    UnitOfMeasurement,
    VariableName,
    Version,
    WaveName,
)
from mlm.results.record import Record

Verdict = Literal["above", "below", "between"]


class KeptRows(Record):
    """Rows of a wave."""

    wave: WaveName
    rows: int


class KeptCategory(Record):
    """A category of the codebook."""

    code: Category
    label: Label


class KeptVariable(Record):
    """A variable of the codebook."""

    name: VariableName
    type: Literal["number", "category", "ordered", "time"]
    unit: UnitOfMeasurement | None
    range: tuple[float, float] | None
    categories: tuple[KeptCategory, ...]


class KeptCoefficient(Record):
    """A coefficient of the settled model."""

    term: Term
    estimate: float
    std_error: float | None


class KeptShare(Record):
    """A level's share of the variation."""

    level: Level
    share: float
    lower: float | None
    upper: float | None


class KeptUnit(Record):
    """A unit's effect and the verdict on it."""

    unit: Unit
    verdict: Verdict
    estimate: float
    std_error: float
    n: int


class KeptEffects(Record):
    """Effects of the units of a level, and whether they might be ranked."""

    level: Level
    compare: Compared | None = Field(None, description="None: not known")
    against: Against | None = Field(None, description="None: not known")
    wave: WaveName | None = Field(None, description="the last one, where it is compared")
    granted: bool
    units: tuple[KeptUnit, ...]


class KeptPolicyEffect(Record):
    """On which side of zero the interval of a policy's effect lay."""

    variable: VariableName
    category: Category | None
    wave: WaveName | None
    side: Verdict


class KeptLevelTest(Record):
    """A test that a level's variance is zero."""

    level: Level
    p_value: float


class ShownCount(Record):
    """A count that the report showed."""

    name: CountName
    count: int


class ShownRatio(Record):
    """A share that the report showed: one count over another, as far as its digits told."""

    top: CountName
    bottom: CountName
    value: float
    half: float


class KeptRecord(Record):
    """What a later report compares: rows, codebook, terms, coefficients, shares, verdicts."""

    schema_version: Literal[2] = Field(2, alias="schema")
    date: Day | None
    version: Version | None
    commit: Commit | None
    waves: tuple[WaveName, ...]
    rows: tuple[KeptRows, ...]
    n_obs: int
    account: Digest
    codebook: tuple[KeptVariable, ...]
    terms: tuple[Term, ...]
    fixed: tuple[KeptCoefficient, ...]
    shares: tuple[KeptShare, ...]
    effects: tuple[KeptEffects, ...]
    shown: tuple[ShownCount, ...] | None = Field(None, description="None: not known")
    ratios: tuple[ShownRatio, ...] = ()
    policies: tuple[KeptPolicyEffect, ...] | None = Field(None, description="None: not known")
    level_tests: tuple[KeptLevelTest, ...] | None = Field(None, description="None: not known")
