"""A programme of assessments in one cycle: which columns of its files are ids, weights, draws.

Only facts of published files and documents are kept, each profile with its sources; what could not
be confirmed is left out and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlm.nouns.replicates import Method, columns_of

KINDS = ("country", "school", "class", "pupil", "teacher")
"""Kinds of units whose ids files hold, from the top."""


@dataclass(frozen=True)
class Domain:
    """What is measured, known by plausible values.

    Attributes
    ----------
    name : str
        Name of the score, as a configuration would give it: ``math``.
    label : str
        In words.
    columns : str
        Its plausible values, such as ``PV{1..5}MATH``.
    minimum : float or None
        Score from which a pupil is proficient, where the programme publishes one.
    level : str
        What the programme calls those who reach it.
    """

    name: str
    label: str
    columns: str
    minimum: float | None = None
    level: str = ""

    @property
    def draws(self) -> tuple[str, ...]:
        """The plausible values, one by one."""
        return columns_of(self.columns)


@dataclass(frozen=True)
class Replication:
    """How the replicates of a sample are known.

    Attributes
    ----------
    method : str
        As ``mlm.nouns.replicates`` names it.
    columns : str
        Replicate weights, such as ``W_FSTR{1..80}``; empty where they are made of zones.
    factor : float or None
        Fay's factor.
    zone, unit : str
        Columns of the pairs of clusters and of their halves, where replicates are made of them.
    halves : str
        ``one`` replicate a pair, or ``both``.
    pairs : int
        Pairs of clusters, where replicates are made of them.
    """

    method: Method
    columns: str = ""
    factor: float | None = None
    zone: str = ""
    unit: str = ""
    halves: str = ""
    pairs: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that it needs, one by one."""
        return columns_of(self.columns) if self.columns else (self.zone, self.unit)

    @property
    def count(self) -> int:
        """Replicates of a full sample."""
        if self.columns:
            return len(self.names)
        return 2 * self.pairs if self.halves == "both" else self.pairs

    @property
    def degrees(self) -> int:
        """Degrees of freedom of a variance from them: balanced replicates, or pairs."""
        return self.pairs or len(self.names)


@dataclass(frozen=True, eq=False)
class Programme:
    """A programme in one cycle, and of one grade where its files are apart by grade.

    There is one object of each: two are the same where they are the same object.

    Attributes
    ----------
    name, cycle : str
        Such as ``PISA`` and ``2012``; the cycle is empty where files of all are alike.
    grade : int or None
        Where files of grades have other columns.
    ids : mapping of str to str
        Column of ids by kind of unit (``KINDS``).
    weights : mapping of str to str
        Column of sampling weights by kind of unit.
    replications : tuple of Replication
        Ways in which replicates are known, the likeliest first: some cycles have two.
    domains : tuple of Domain
        What is measured.
    are : str
        Whether weights are those of units in the population (``overall``) or within the unit above.
    factors : mapping of str to tuple of str
        Columns whose product is the weight of a kind of unit, where a file has no column of it.
    elsewhere : frozenset of str
        Columns that stand in another file of the programme, that of schools.
    strata : str
        Column of explicit strata; empty where there is none.
    covariates : mapping of str to str
        Columns that usually explain scores, by what they are: the same in other cycles.
    others : tuple of str
        Patterns (full matches, capitals ignored) of further columns that are no variables: other
        weights, subscales, marks of levels.
    files : tuple of str
        Patterns of file names of the cycle.
    sources : tuple of str
        Where the facts stand.
    unconfirmed : tuple of str
        What no source was found for, and is left out.
    """

    name: str
    cycle: str
    ids: Mapping[str, str]
    weights: Mapping[str, str]
    replications: tuple[Replication, ...]
    sources: tuple[str, ...]
    domains: tuple[Domain, ...] = ()
    grade: int | None = None
    are: str = "overall"
    factors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    strata: str = ""
    covariates: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Name, cycle and grade: ``TIMSS 2019 grade 4``."""
        parts = [self.name, self.cycle, f"grade {self.grade}" if self.grade else ""]
        return " ".join(part for part in parts if part)

    @property
    def rows(self) -> str:
        """Kind of unit that a row is of."""
        return "teacher" if "teacher" in self.weights else "pupil"

    @property
    def row_weight(self) -> str:
        """Column with the weights of the rows."""
        return self.weights[self.rows]

    def domain(self, name: str) -> Domain | None:
        """The domain of that name."""
        return next((domain for domain in self.domains if domain.name == name), None)
