"""The path on which the forms over waves of all levels were settled."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    round : int
        From 1 on a path; of the forms of one round one at most is taken.
    """

    group: tuple[str, ...]
    before: WaveForm
    form: WaveForm
    test: AnyTest
    taken: bool
    beside_slopes: bool = False
    round: int = 0


@dataclass(frozen=True)
class RandomPath:
    """How the forms over waves of the levels that recur were settled.

    Attributes
    ----------
    start : dict of tuple of str to str
        The form of each level that recurs in the model that the search began with, by the id
        columns of its units.
    forms : dict of tuple of str to str
        The form of each of them in the end.
    tried : tuple of TriedForm
        Simpler forms that were tried, in order; those of one round stand together.
    reml : Solution
        The full model with these forms, by REML.
    freed : dict of tuple of str to (str, str)
        Forms before and after slopes were added, of the levels where these needed room.
    """

    start: dict[tuple[str, ...], WaveForm]
    forms: dict[tuple[str, ...], WaveForm]
    tried: tuple[TriedForm, ...]
    reml: Solution
    freed: dict[tuple[str, ...], tuple[WaveForm, WaveForm]] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        """How many rounds there were."""
        return max((step.round for step in self.tried), default=0)
