"""The path on which the forms over waves of all levels were settled."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.results.random_part import WaveForm
from mlm.results.test import AnyTest
from mlm.statistics.fitting.solution import Solution


@dataclass(frozen=True)
class TriedForm:
    """A simpler form of one level, all other levels as they were.

    Attributes
    ----------
    group : tuple of str
        Id columns of the units.
    before, form : str
        The form of the level until then, and the simpler one.
    test : Test or RefusedTest
        That the simpler form holds, by REML.
    taken : bool
        Whether the simpler form was taken.
    beside_slopes : bool
        Whether the model had random slopes: the second look.
    """

    group: tuple[str, ...]
    before: WaveForm
    form: WaveForm
    test: AnyTest
    taken: bool
    beside_slopes: bool = False


@dataclass(frozen=True)
class RandomPath:
    """How the forms over waves of the levels that recur were settled.

    Attributes
    ----------
    forms : dict of tuple of str to str
        Form of each level that recurs, by the id columns of its units.
    tried : tuple of TriedForm
        Simpler forms that were tried, in order; those of one step stand together.
    reml : Solution
        The full model with these forms, by REML.
    """

    forms: dict[tuple[str, ...], WaveForm]
    tried: tuple[TriedForm, ...]
    reml: Solution
