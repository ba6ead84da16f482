"""Which models the answers fit: the null model, the settled one, either with one term more or less.

What else an answer fits is declared here with its purpose; it is told as such in the report.
"""

from __future__ import annotations

import sys
from functools import cache, partial

import numpy as np
import pyarrow.compute as pc
import pytest

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.statistics.answers.analysis import analyse
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.evidence.names import term_records
from mlm.statistics.fitting import solution
from tests.cleaned_waves import clean_wave
from tests.examples import CONFIG, ROOT
from tests.few_draws import few_draws
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged, observed
from tests.recovery.surveys import simulated
from tests.survey_accounts import EMPTY

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.study]

ANSWERS = "mlm.statistics.answers."
CHAIN = "mlm.statistics.selection."

ADEQUATE = ANSWERS + "analysis"
"""Who fits the minimal adequate models by REML."""

DECLARED = {
    "policy.unadjusted": "each wave alone, without covariates",
    "over_time.back_test": "the settled model once more without the last wave",
    "over_time.stability": "the settled model, effects of one level the same in every wave",
    "slopes.cross_level": "the settled model with a product, and the variable of it that it lacks",
    "variables.pupil_level": "the full model with and without products of pupils",
    "over_time.one_correlation": "the settled model, a part by wave written as one correlation",
}


SIZES = {
    "national": {"county": 14, "school": 6, "pupil": 10},
    "science": {"county": 12, "school": 6, "pupil": 12},
}
STAR_SCHOOLS = 24


def terms_apart(one: Model, other: Model) -> int:
    """Fixed and random terms that only one of two models has; a level that one lacks is one term.

    Slopes over a level that both have are terms of their own.
    """
    groups = [{r.group for r in model.random} for model in (one, other)]
    both = groups[0] & groups[1]

    def parts(model: Model) -> set:
        random = {(r.group, r.form, t) for r in model.random if r.group in both for t in r.terms}
        return {term.key for term in model.terms} | random | ({model.residual} - {None})

    return len(parts(one) ^ parts(other)) + len(groups[0] ^ groups[1])


def small() -> tuple[Plan, CrossProducts]:
    """Counties whose effects of x differ, schools that are visited in three waves, and a policy."""
    rng = np.random.default_rng(5)
    sizes = {"county": 12, "school": 6, WAVE: 3, "row": 6}
    frame = nested_rows(rng, sizes, {"county": 0.3, "school": 0.5, "wave": 0.2})
    frame["y"] += rng.normal(size=12)[frame["county"].astype(int)] * frame["x"]
    plan = make_plan(
        "same_schools",
        by_time=("x",),
        terms=("x", "z", "kind"),
        slopes=("x",),
        policy=observed("kind"),
    )
    return plan, merged(plan, frame.assign(**{WAVE: "w" + frame[WAVE]}))


def example(survey: str) -> tuple[Plan, CrossProducts]:
    """A simulated example with fewer units."""
    drawn = simulated(survey, sizes=SIZES[survey])
    return drawn.plan, drawn.stats


def star() -> tuple[Plan, CrossProducts]:
    """Followed pupils, teachers crossed with them, and a policy that was drawn: some schools."""
    configuration = load_configuration(CONFIG / "star.yaml")
    tables = {w: clean_wave(configuration, w, ROOT)[0] for w in configuration.wave_names}
    schools = pc.unique(next(iter(tables.values()))["school"]).slice(0, STAR_SCHOOLS)
    cut = {w: t.filter(pc.is_in(t["school"], schools)).to_pandas() for w, t in tables.items()}
    columns = columns_of_survey(configuration, next(iter(cut.values())))
    waves = {w: accumulate_wave(configuration, w, t, columns)["math"] for w, t in cut.items()}
    plan = plan_of(configuration, "math")
    return plan, merge_waves(plan, waves)


SURVEYS = {
    "small": small,
    "national": partial(example, "national"),
    "science": partial(example, "science"),
    "star": star,
}


@cache
def fits_of(survey: str):
    """Every fit that is made for an answer: who asked, and for which model; fits, results."""
    plan, stats = SURVEYS[survey]()
    asked: list[tuple[str, Model]] = []
    whole = solution._solved

    def solved(model, *arguments, **more):
        callers, frame_ = [], sys._getframe(1)
        while frame_ is not None:
            callers.append(frame_.f_globals.get("__name__", ""))
            frame_ = frame_.f_back
        named = [name for name in callers if name.startswith((ANSWERS, CHAIN))]
        if named:
            asked.append((named[0], solution.ordered_model(model, arguments[0])))
        return whole(model, *arguments, **more)

    patch = pytest.MonkeyPatch()
    patch.setattr(solution, "_solved", solved)
    with few_draws():
        results, fits = analyse(plan, stats, EMPTY)
    patch.undo()
    return asked, fits, results


@pytest.fixture(params=SURVEYS)
def fitted(request):
    return fits_of(request.param)


def test_answers_fit_the_null_and_the_settled_model_and_what_is_declared(fitted):
    asked, fits, results = fitted
    known = [fits[name].model for name in ("null.reml", "settled.reml")]
    told = [set(item.terms) for item in results.reduction.adequate]
    strange = {
        (name.removeprefix(ANSWERS), model.formula)
        for name, model in asked
        if name.startswith(ANSWERS)
        and name.removeprefix(ANSWERS) not in DECLARED
        and not (name == ADEQUATE and is_adequate(model, known[1], told))
        and all(terms_apart(model, other) > 1 for other in known)
    }
    assert strange == set()


def is_adequate(model: Model, settled: Model, told: list[set]) -> bool:
    """Whether a model is a minimal adequate one that is told, its random part the settled one."""
    terms = set(term_records([term for term in model.terms if term.factors]))
    return terms in told and set(model.random) == set(settled.random)


def test_what_is_declared_is_still_fitted():
    asked = {name.removeprefix(ANSWERS) for survey in SURVEYS for name, _ in fits_of(survey)[0]}
    assert DECLARED.keys() <= asked


def test_the_formula_that_is_told_is_that_of_the_settled_fit(fitted):
    _, fits, results = fitted
    assert results.settled.formula == fits["settled.reml"].formula == fits["settled.ml"].formula
    assert results.settled.reml.deviance == fits["settled.reml"].deviance
