"""Forms that the effects of a level's units may have over waves, and the terms they stand for.

    form                       parameters        random terms of the units g
    constant                   1                 (1 | g)
    part_by_wave               2                 (1 | g) + (1 | g:wave), or cs(0 + wave | g)
    variances_by_wave          T + 1             csh(0 + wave | g)
    autoregressive             2                 ar1(0 + wave | g)
    autoregressive_variances   T + 1             ar1h(0 + wave | g)
    line                       3                 (1 + time | g), beside (1 | g:wave) where that is
    unstructured               T (T + 1) / 2     (0 + wave | g)

Followed units of the lowest level have one row a wave. Their forms take the residual's place
(``us``, ``csh``, ``ar1h``, ``ar1``) or stand beside a residual (constant, line), which then counts
among the parameters.

Sources
-------
Verbeke and Molenberghs (2000), Linear Mixed Models for Longitudinal Data, chapter 9; Jennrich and
Schluchter (1986), Biometrics 42, 805-820.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.results.random_part import WaveForm
from mlm.results.reference import ChiSquared, Reference
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.inference.reference import weighted

UNITS_A_PARAMETER = 5
"""Units of a level that each parameter of its form needs."""

MOST_WAVES = 6
"""Waves up to which followed units of the lowest level may have any covariance over them."""

FEWEST_WAVES = 3
"""Waves from which correlations that fall with time, and lines, differ from other forms."""

EQUAL_STEPS = 1e-9
"""Relative difference of the steps between waves that is rounding."""

ENGINE_FORMS: dict[WaveForm, str] = {
    "variances_by_wave": "csh",
    "autoregressive": "ar1",
    "autoregressive_variances": "ar1h",
}
"""Forms that are one term over the waves, by the name of its covariance."""


@dataclass(frozen=True)
class LevelOverWaves:
    """What the forms of a level over waves depend on.

    Attributes
    ----------
    group : tuple of str
        Id columns of the units.
    size : int
        Number of units.
    n_waves : int
        Waves T of the sample.
    factor : str
        Variable whose categories are the waves.
    time : Term or None
        Time as a number; None where it is coded otherwise.
    has_part : bool
        Whether units in waves are a level of the sample.
    is_lowest : bool
        Whether the units are followed and of the lowest level: one row each in a wave.
    equal_steps : bool
        Whether the times of the waves are equally spaced.
    """

    group: tuple[str, ...]
    size: int
    n_waves: int
    factor: str
    time: Term | None
    has_part: bool
    is_lowest: bool
    equal_steps: bool
    categorical: frozenset[str] = frozenset()

    @property
    def waves(self) -> Term:
        """The waves, as the categories of a variable."""
        return Term((Factor(self.factor),))

    @property
    def forms(self) -> tuple[WaveForm, ...]:
        """Forms that so many waves tell apart and so many units carry, the simplest first.

        Where units in waves are a level of the survey they have a part by wave at least.
        """
        several = self.n_waves >= FEWEST_WAVES
        decays = several and self.equal_steps
        is_whole = not self.is_lowest or self.n_waves <= MOST_WAVES
        allowed: dict[WaveForm, bool] = {
            "constant": not self.has_part,
            "part_by_wave": not self.is_lowest,
            "autoregressive": decays,
            "line": several and self.time is not None,
            "variances_by_wave": several,
            "autoregressive_variances": decays,
            "unstructured": is_whole,
        }
        return tuple(
            form
            for form, may in allowed.items()
            if may and (form == self.simplest or self.size >= self.units_needed(form))
        )

    @property
    def simplest(self) -> WaveForm:
        """What the levels of the survey say without any choice."""
        return "part_by_wave" if self.has_part else "constant"

    def n_parameters(self, form: WaveForm) -> int:
        """Variances, correlations and covariances; the residual's too for the lowest level."""
        waves, beside = self.n_waves, int(self.is_lowest or self.has_part)
        return {
            "constant": 1 + int(self.is_lowest),
            "part_by_wave": 2,
            "variances_by_wave": waves + 1,
            "autoregressive": 2,
            "autoregressive_variances": waves + 1,
            "line": 3 + beside,
            "unstructured": waves * (waves + 1) // 2,
        }[form]

    def units_needed(self, form: WaveForm) -> int:
        """Units from which a form is carried."""
        return UNITS_A_PARAMETER * self.n_parameters(form)

    def simpler(self, form: WaveForm) -> tuple[WaveForm, ...]:
        """The next simpler forms of those that are told apart and carried."""
        inside = [other for other in self.forms if other in self._inside(form)]
        return self.outermost(inside)

    def outermost(self, forms: Sequence[WaveForm]) -> tuple[WaveForm, ...]:
        """Those of some forms that none of the others contains."""
        inside = {below for form in forms for below in self._inside(form)}
        return tuple(form for form in forms if form not in inside)

    def _inside(self, form: WaveForm) -> set[WaveForm]:
        below = self._below(form)
        return set(below).union(*(self._inside(other) for other in below))

    def _below(self, form: WaveForm) -> tuple[WaveForm, ...]:
        """The next simpler forms, whether they are carried or not."""
        common: WaveForm = "constant" if self.is_lowest else "part_by_wave"
        if form == "unstructured":
            if self.n_waves < FEWEST_WAVES:
                return (common,)
            holds_line = self.n_parameters("line") < self.n_parameters("unstructured")
            line: tuple[WaveForm, ...] = ("line",) if holds_line else ()
            return ("variances_by_wave", "autoregressive_variances", *line)
        lasting: tuple[WaveForm, ...] = () if self.has_part else ("constant",)
        return {
            "variances_by_wave": (common,),
            "autoregressive_variances": ("autoregressive",),
            "part_by_wave": lasting,
            "autoregressive": () if self.is_lowest else lasting,
            "line": (self.simplest,),
            "constant": (),
        }[form]

    def beside(self, form: WaveForm) -> WaveForm | None:
        """The form with as many parameters of which neither holds the other, if it is carried."""
        common: WaveForm = "constant" if self.is_lowest else "part_by_wave"
        pairs: list[tuple[WaveForm, WaveForm]] = [
            ("variances_by_wave", "autoregressive_variances"),
            ("autoregressive", common),
        ]
        both = dict([*pairs, *((b, a) for a, b in pairs)])
        other = both.get(form)
        return other if other in self.forms else None

    def reference(self, large: WaveForm, small: WaveForm) -> Reference:
        """Distribution of the REML likelihood-ratio statistic of a form against a simpler one.

        Chi-squared where the simpler form lies inside the larger; half of it at one degree fewer
        where one variance is zero in the simpler form, or a correlation one; chi-squared, which is
        conservative, where the simpler form has less than full rank.

        Source
        ------
        Self and Liang (1987), J. Am. Statist. Ass. 82, 605-610; Stram and Lee (1994), Biometrics
        50, 1171-1177.
        """
        df = self.n_parameters(large) - self.n_parameters(small)
        kind = self._kind(large, small)
        if kind == "bound":
            return weighted({df - 1: 0.5, df: 0.5})
        return ChiSquared(df=df, conservative="on_bound" if kind == "singular" else None)

    def _kind(self, large: WaveForm, small: WaveForm) -> Literal["interior", "bound", "singular"]:
        """Where a simpler form lies in a larger one."""
        if large == "line" or (large in ("part_by_wave", "autoregressive") and small == "constant"):
            return "bound"
        has_rank = self.is_lowest or small not in ("constant", "line")
        return "interior" if has_rank or (small == "line" and self.has_part) else "singular"

    def terms(self, form: WaveForm, slopes: Sequence[Term] = ()) -> tuple[RandomTerm, ...]:
        """The random terms of a form, with slopes over the same units.

        Slopes are correlated with the effects where these have no form of the engine, and
        independent of them otherwise.

        Parameters
        ----------
        form : str
            The form.
        slopes : sequence of Term
            Terms that vary over the units.
        """
        if form in ENGINE_FORMS or (form == "part_by_wave" and not self.has_part):
            own = RandomTerm(self.group, (self.waves,), ENGINE_FORMS.get(form, "cs"))
            return (own, RandomTerm(self.group, tuple(slopes))) if slopes else (own,)
        if form == "unstructured":
            name = "us" if self.is_lowest and not slopes else None
            return (RandomTerm(self.group, (self.waves, *slopes), name),)
        line = (self.time,) if form == "line" and self.time is not None else ()
        plain = RandomTerm(self.group, (Term(), *line, *slopes))
        part = self.has_part and form in ("part_by_wave", "line")
        return (plain, RandomTerm((*self.group, WAVE))) if part else (plain,)

    def with_form(self, model: Model, form: WaveForm) -> Model:
        """The model with another form over waves of this level; slopes stay.

        Parameters
        ----------
        model : Model
            The model.
        form : str
            The form.
        """
        part = (*self.group, WAVE) if self.has_part else None
        over = [self._slopes(model, group) for group in (self.group, part) if group]
        own = self.terms(form, over[0])
        for slopes in filter(None, over[1:]):
            kept = [term for term in own if term.group != part]
            first = (Term(),) if len(kept) < len(own) else ()
            own = (*kept, RandomTerm(part, (*first, *slopes)))
        mine = [i for i, r in enumerate(model.random) if r.group in (self.group, part)]
        first, last = min(mine), [r for i, r in enumerate(model.random) if i not in mine]
        return model.with_random([*last[:first], *own, *last[first:]])

    def with_covariance(self, model: Model, covariance: str) -> Model:
        """The model with a covariance of the engine over waves of this level; slopes stay beside.

        Parameters
        ----------
        model : Model
            The model.
        covariance : str
            ``cs``, ``csh``, ``ar1`` or ``ar1h``.
        """
        varied = self.with_form(model, "variances_by_wave")
        changed = (
            replace(r, form=covariance) if (r.group, r.form) == (self.group, "csh") else r
            for r in varied.random
        )
        return varied.with_random(list(changed))

    def has_room(self, form: WaveForm, model: Model) -> bool:
        """Whether the slopes of the units in a model can stand with a form.

        Beside a form of the engine they are independent of the effects, as no effects of categories
        are: their contrasts depend on the reference, and with it their sum is as the effects are.
        """
        is_engine = form in ENGINE_FORMS or (form == "part_by_wave" and not self.has_part)
        slopes = self._slopes(model, self.group) if is_engine else ()
        return not any(v in self.categorical for term in slopes for v in term.variables)

    def _slopes(self, model: Model, group: tuple[str, ...]) -> tuple[Term, ...]:
        waves, found = (Term(), self.waves, self.time), []
        for random in model.random:
            found += [t for t in random.terms if random.group == group and t not in waves]
        return tuple(found)


def recurring_levels(plan: Plan, stats: CrossProducts) -> tuple[LevelOverWaves, ...]:
    """Levels of a sample whose units are seen in several waves, outermost first.

    Parameters
    ----------
    plan : Plan
        Levels and time.
    stats : CrossProducts
        The sample.
    """
    waves = stats.columns.categories.get(plan.time.factor, ())
    if len(waves) < 2:
        return ()
    times = [plan.time.time_of(wave) for wave in waves]
    steps = np.diff(times)
    sizes = {level.group: level.size for level in stats.all_levels}
    lowest = plan.groups[-1] if plan.design.follows_lowest else None
    return tuple(
        LevelOverWaves(
            group=group,
            size=sizes[group],
            n_waves=len(waves),
            factor=plan.time.factor,
            time=plan.time.term if plan.time.is_trend else None,
            has_part=(*group, WAVE) in sizes,
            is_lowest=group == lowest,
            equal_steps=bool(np.ptp(steps) <= EQUAL_STEPS * np.abs(steps).max()),
            categorical=frozenset(stats.columns.categories),
        )
        for group in plan.groups
        if WAVE not in group and group in sizes
    )


def recurring_level(
    plan: Plan, stats: CrossProducts, group: tuple[str, ...]
) -> LevelOverWaves | None:
    """One of the levels whose units recur; None where these units do not.

    Parameters
    ----------
    plan : Plan
        The waves.
    stats : CrossProducts
        The sample.
    group : tuple of str
        Id columns of the units.
    """
    return next((level for level in recurring_levels(plan, stats) if level.group == group), None)
