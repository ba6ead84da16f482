"""How a sample was drawn: weights by level, clusters, strata, and how errors are found from them.

Layer: nouns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from mlm.errors import ModelError, listed
from mlm.nouns.characters import nfc
from mlm.nouns.levels import ROW
from mlm.nouns.replicates import Replicates

Kind = Literal["overall", "conditional"]
Scaling = Literal["effective", "size", "none", "group_only", "gk"]
Errors = Literal["replicates", "linearised", "jackknife"]
Sandwich = Literal["joint", "joint_without_factor", "block", "stata"]

KINDS: tuple[Kind, ...] = ("overall", "conditional")
SCALINGS: tuple[Scaling, ...] = ("effective", "size", "none", "group_only", "gk")
OF_ONE_LEVEL: tuple[Scaling, ...] = ("group_only", "gk")
"""Scalings that are defined for rows in one level of groups alone."""

ERRORS: tuple[Errors, ...] = ("replicates", "linearised", "jackknife")
FEW_CLUSTERS = 100
"""Clusters below which the jackknife is the default: the sandwich understates errors of few."""

PROGRAMS: dict[str, Sandwich] = {
    "gllamm": "joint",
    "mplus": "joint_without_factor",
    "sas": "joint_without_factor",
    "stata": "stata",
    "wemix": "block",
}
"""The sandwich by which each program finds its standard errors."""


@dataclass(frozen=True)
class SamplingDesign:
    """What is known of how the units and rows of a sample were drawn.

    Attributes
    ----------
    weights : mapping of str to str
        Column of the sampling weights by grouping factor (``school``, or ``county:school``), and of
        the rows under ``row``. A level that is not named has weight 1 within the level around it.
    are : {"overall", "conditional"}
        Whether a weight is the inverse of the probability that a unit is in the sample, or of that
        given that the unit around it is.
    scaling : {"effective", "size", "none", "group_only", "gk"}
        What the weights inside each group of every level are multiplied by: so that they sum to
        the group's effective number, to its number, or not at all; ``group_only`` leaves out those
        of rows, and ``gk`` gives their mean to the group (both for one level of groups).
    psu : str, optional
        Id columns of the clusters that were drawn first, joined by colons; default: the outermost
        units of the model.
    strata : str, optional
        Column of the strata that clusters were drawn in; several, such as ``wave:STRATUM`` where
        each wave is a sample of its own, are joined by colons.
    mean_weights : tuple of str
        Grouping factors whose overall weight is the mean of those of their rows, where a file has
        none of its own.
    wave : str, optional
        Column of the wave, by which the sums of the weights are told.
    replicates : Replicates, optional
        Replicates of the sample, such as ``mlm.fay("W_FSTR{1..80}", k=0.5)``.
    standard_errors : {"replicates", "linearised", "jackknife"}, mapping or None
        None: by the replicates where there are any, else by the jackknife where there are fewer
        than 100 clusters. ``{"match": "stata"}``: by
        the formula of a program (gllamm, mplus, sas, stata, wemix).
    sandwich : {"joint", "joint_without_factor", "block", "stata"}
        Formula of linearised errors: of all parameters together; the same without ``C / (C - 1)``;
        of fixed effects and variances apart; or as Stata's ``mixed`` has it.

    Raises
    ------
    ModelError
        When a value is none of those that are known, or no weight is named.

    Source
    ------
    Pfeffermann et al. (1998), J. R. Statist. Soc. B 60, 23-40; Rabe-Hesketh and Skrondal (2006),
    J. R. Statist. Soc. A 169, 805-827.
    """

    weights: Mapping[str, str]
    are: Kind = "overall"
    scaling: Scaling = "effective"
    psu: str | None = None
    strata: str | None = None
    mean_weights: tuple[str, ...] = ()
    wave: str | None = None
    replicates: Replicates | None = None
    standard_errors: Errors | Mapping[str, str] | None = None
    sandwich: Sandwich = field(default="joint")

    def __post_init__(self) -> None:
        for name in ("psu", "strata", "wave"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else nfc(value))
        named = {nfc(level): nfc(column) for level, column in self.weights.items()}
        object.__setattr__(self, "weights", named)
        object.__setattr__(self, "mean_weights", tuple(map(nfc, self.mean_weights)))
        _check("are", self.are, KINDS)
        _check("scaling", self.scaling, SCALINGS)
        if isinstance(self.standard_errors, Mapping):
            program = self.standard_errors.get("match", "")
            _check("standard_errors: match", program, tuple(PROGRAMS))
            object.__setattr__(self, "sandwich", PROGRAMS[program])
            object.__setattr__(self, "standard_errors", "linearised")
        _check("standard_errors", self.standard_errors, (None, *ERRORS))
        if self.standard_errors == "replicates" and self.replicates is None:
            raise ModelError("standard errors by replicates: expected replicates=..., none given.")
        _check("sandwich", self.sandwich, tuple(dict.fromkeys(PROGRAMS.values())))
        self._check_named()

    def _check_named(self) -> None:
        if not self.weights:
            raise ModelError(
                "a sampling design without weights: expected a column for 'row' or for a grouping "
                'factor, such as weights={"row": "W_FSTUWT", "school": "W_FSCHWT"}.'
            )
        both = [level for level in self.mean_weights if level in self.weights]
        if both:
            raise ModelError(
                f"{listed(both)} has a column of weights and is to have the mean of its rows': "
                "leave one of them out."
            )
        if self.mean_weights and (self.are != "overall" or ROW not in self.weights):
            raise ModelError(
                f"the weight of {listed(self.mean_weights)} is the mean of the overall weights of "
                'its rows; expected are="overall" and a column for "row".'
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of weights, each once."""
        return tuple(dict.fromkeys(self.weights.values()))

    @property
    def psu_ids(self) -> tuple[str, ...]:
        """Id columns of the clusters; empty where they are the outermost units of the model."""
        return tuple(self.psu.split(":")) if self.psu else ()

    @property
    def strata_ids(self) -> tuple[str, ...]:
        """Columns of the strata; empty where there are none."""
        return tuple(self.strata.split(":")) if self.strata else ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Id columns of clusters, strata and waves."""
        wave = (self.wave,) if self.wave else ()
        return tuple(dict.fromkeys((*self.psu_ids, *self.strata_ids, *wave)))

    def key_of(self, group: tuple[str, ...]) -> str | None:
        """The name under which the weight of a grouping factor is given; None: under none.

        Parameters
        ----------
        group : tuple of str
            Id columns of the factor, outermost first.
        """
        known = (*self.weights, *self.mean_weights)
        return next((name for name in (":".join(group), group[-1]) if name in known), None)

    def drawn_first(self, groups: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
        """Id columns of the clusters: as said, or the outermost units that have a weight.

        Parameters
        ----------
        groups : sequence of tuple of str
            Id columns of the levels of a model, outermost first.
        """
        weighed = (group for group in groups if self.key_of(group))
        return self.psu_ids or next(weighed, groups[0] if groups else ())

    def of_models(self, groups: Sequence[tuple[str, ...]]) -> SamplingDesign:
        """The design as far as models with such levels need it.

        Where errors come from replicates they need no clusters that lie inside the outermost units,
        of which a likelihood is no sum, and no strata of these.

        Parameters
        ----------
        groups : sequence of tuple of str
            As for ``drawn_first``.
        """
        if self.replicates is None or self.errors_of(0) != "replicates":
            return self
        outer, drawn = groups[0] if groups else (), self.drawn_first(groups)
        if len(drawn) > len(outer) and set(outer) < set(drawn):
            return replace(self, psu=None, strata=None)
        return self

    def errors_of(self, clusters: int) -> Errors:
        """How standard errors are found where nothing else is said."""
        if self.standard_errors is not None:
            return self.standard_errors
        if self.replicates is not None:
            return "replicates"
        few = clusters < FEW_CLUSTERS and self.sandwich == "joint"
        return "jackknife" if few else "linearised"


def _check(what: str, value: object, known: tuple) -> None:
    if value not in known:
        names = ", ".join(repr(name) for name in known if name is not None)
        raise ModelError(f"sampling design: {what} is {value!r}; expected one of {names}.")
