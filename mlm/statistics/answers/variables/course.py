"""The course of time: whether a line or a curve fits the waves, and what means are told from.

Where it does not, means are told from the settled model with the waves as categories beside time.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import EffectsLeftOut, MLMError
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.results.over_time import LackOfFit
from mlm.results.reason import NotFitted
from mlm.results.test import RefusedTest, Test
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.f_tests import f_test


@dataclass(frozen=True)
class Course:
    """A model in which time is a number, and the same with the waves as categories.

    Attributes
    ----------
    drawn : Solution
        The settled model, whose line or curve is drawn.
    fitting : Solution
        The model that means are told from where the line or curve fits.
    saturated : Solution or None
        The model with a mean of its own for each wave; None where that is the same model, or could
        not be fitted.
    test : Test or RefusedTest or None
        Joint F test of the departures of the waves from the line or curve; None where there are
        none.
    alpha : float
        Level of the test.
    """

    drawn: Solution
    fitting: Solution
    saturated: Solution | None
    test: Test | RefusedTest | None
    alpha: float

    @property
    def is_rejected(self) -> bool:
        """Whether the line or curve does not fit the means of the waves."""
        return isinstance(self.test, Test) and self.test.p_value < self.alpha

    @property
    def told(self) -> Solution:
        """The model that means of waves are told from."""
        return self.saturated if self.is_rejected and self.saturated else self.fitting


def course_of_time(plan: Plan, solution: Solution) -> Course:
    """Lack of fit of the course of the mean.

    Parameters
    ----------
    plan : Plan
        The waves, how time is coded, and the level of tests.
    solution : Solution
        The settled model by REML.

    Returns
    -------
    Course
        The test has as many degrees of freedom as waves less powers of time less one.
    """
    same = Course(solution, solution, None, None, plan.alpha)
    return _extended(plan, same, solution, plan.time.departures)


def course_within(plan: Plan, course: Course, variable: str) -> Course:
    """Lack of fit of the course of the differences that a variable makes.

    Parameters
    ----------
    plan : Plan
        As for ``course_of_time``.
    course : Course
        The course of the mean, whose departures stand in the model as well.
    variable : str
        A variable with a product with time in the model.
    """
    product = Term((*plan.time.departures.factors, Factor(variable)))
    same = replace(course, fitting=course.told, saturated=None, test=None)
    return _extended(plan, same, course.saturated or course.drawn, product)


def told_within(plan: Plan, course: Course, variable: str) -> Solution:
    """The model that the effect of a variable is told from, wave by wave where it has a course.

    Parameters
    ----------
    plan : Plan
        As for ``course_of_time``.
    course : Course
        The course of the mean.
    variable : str
        The variable.
    """
    pair = {variable, plan.time.name}
    changes = any(pair <= set(term.variables) for term in course.drawn.fit.model.terms)
    return course_within(plan, course, variable).told if changes else course.told


def lack_of_fit_record(course: Course) -> LackOfFit | None:
    """The test as a record; None where no wave can depart from the line or curve."""
    if course.test is None:
        return None
    return LackOfFit(
        test=course.test,
        rejected=course.is_rejected,
        formula=course.saturated.fit.formula if course.saturated else None,
    )


def _extended(plan: Plan, same: Course, base: Solution, added: Term) -> Course:
    """A course with the model that has one term of the waves more, and the test of that term."""
    if not plan.time.may_depart:
        return same
    model = base.fit.model.with_terms((*base.fit.model.terms, added))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EffectsLeftOut)  # of waves that time determines
            saturated = base.fitted(model)
            chosen = [i for i, c in enumerate(saturated.fixed) if c.term.key == added.key]
    except MLMError:
        return replace(same, test=RefusedTest(reason=NotFitted(what="model")))
    if not chosen:
        return same
    test = f_test(saturated, np.eye(saturated.fit.beta.size)[chosen])
    return replace(same, saturated=saturated, test=test)
