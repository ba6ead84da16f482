"""CompletedSamples that are all the same: the results of one sample, and nothing missing."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.answers.analysis import analyse
from mlm.statistics.answers.imputed.analysis import analyse_imputed
from mlm.statistics.evidence.completed_samples import CompletedSamples
from tests.few_draws import few_draws
from tests.nested_rows import nested_rows
from tests.plans import DESIGNS, make_plan, merged, observed
from tests.survey_accounts import EMPTY

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

WAVES = {name: 1 if name == "cross_section" else 3 for name in DESIGNS}
CASES = [
    ("same_schools", 2),
    *(pytest.param(*case, marks=pytest.mark.study) for case in WAVES.items()),
]
SIZES = {
    "same_pupils": {"county": 6, "school": 2, "pupil": 12, WAVE: 3, "row": (0, 1)},
    "same_schools": {"county": 7, "school": 4, WAVE: 3, "row": 6},
    "new_schools": {"county": 7, WAVE: 3, "school": 4, "row": 6},
    "cross_section": {"county": 8, WAVE: 1, "school": 6, "row": 8},
}
SEARCHED_TWICE = 2e-5  # relative: where two searches of one optimum end, and what is read there

APART = {
    "reduction/bound": "no common likelihood",
    "reduction/minimal": "no common likelihood",
    "reduction/adequate": "no common likelihood",
    "reduction/complete": "no common likelihood",
    "reduction/joint": "stands for the bound",
    "reduction/path": "tests of later steps take the variances of the full model",
    "inclusion": "refused",
    "diagnostics/influence": "refused",
    "diagnostics/deletion": "refused",
    "back_test": "refused",
    "imputed": "how it was pooled",
    "/pooled": "how it was pooled",
    "missing_information": "nothing was imputed",
    "max_scaled_gradient": "rounding",
    "deviance": "no common likelihood",
    "aic": "no common likelihood",
    "bic": "no common likelihood",
}


@cache
def both(design: str, n_waves: int):
    waves = tuple(f"w{i}" for i in range(n_waves))
    variances = {"county": 0.3, "school": 0.4, "pupil": 0.5, WAVE: 0.1}
    sizes = SIZES[design] | {WAVE: n_waves}
    frame = nested_rows(np.random.default_rng(3), sizes, variances, {"county": 0.1})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    frame["y"] += 0.3 * (frame["kind"] == frame["kind"].max())
    plan = make_plan(
        design,
        waves=waves,
        terms=("x", "kind", "x^2"),
        by_time=() if len(waves) == 1 else ("kind",),
        slopes=("x", "kind"),
        policy=observed("kind"),
    )
    stats = merged(plan, frame)
    with few_draws():
        one, fits = analyse(plan, stats, EMPTY)
        copies = CompletedSamples.of([replace(stats) for _ in range(4)])
        pooled, of_each = analyse_imputed(plan, copies, EMPTY)
    return one, pooled, fits, of_each


def differences(one, other, place: str = "", width: float = 0.0):
    """Places in which two stored results differ, but for those that differ by their nature.

    What stands beside the ends of an interval may differ by a share of its width: an end near zero
    is not small for it.
    """
    if any(part in place for part in APART):
        return
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        ends = [one.get(name) for name in ("lower", "upper")]
        width = ends[1] - ends[0] if all(isinstance(end, float) for end in ends) else 0.0
        for key in one:
            yield from differences(one[key], other[key], f"{place}/{key}", width)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{place}/{i}")
    elif isinstance(one, float) and isinstance(other, float):
        near = max(SEARCHED_TWICE * width, 1e-8)
        if one != pytest.approx(other, rel=SEARCHED_TWICE, abs=near):
            yield place, one, other
    elif one != other:
        yield place, one, other


@pytest.mark.parametrize(("design", "n_waves"), CASES)
def test_results_are_those_of_one_sample(design, n_waves):
    one, pooled, *_ = both(design, n_waves)
    found = differences(*(json.loads(each.to_json()) for each in (one, pooled)))
    assert list(found) == []


@pytest.mark.parametrize(("design", "n_waves"), CASES)
def test_nothing_is_missing_and_one_fit_serves_all(design, n_waves):
    one, pooled, fits, of_each = both(design, n_waves)
    assert pooled.imputed.draws == 4 and pooled.imputed.different == 1
    assert pooled.imputed.missing_information == 0.0
    assert all(c.missing_information in (None, 0.0) for c in pooled.settled.reml.fixed)
    for name, fit in fits.items():
        assert {of_each[f"{name}.{i}"].deviance for i in range(1, 5)} == {
            of_each[f"{name}.1"].deviance
        }
        assert of_each[f"{name}.1"].deviance == pytest.approx(fit.deviance, abs=1e-6)


@pytest.mark.parametrize(("design", "n_waves"), CASES)
def test_the_first_step_of_the_reduction_is_the_f_test_of_the_full_model(design, n_waves):
    one, pooled, *_ = both(design, n_waves)
    first, own = (results.reduction.path[1] for results in (one, pooled))
    assert own.dropped == first.dropped
    assert own.statistic == pytest.approx(first.statistic, rel=SEARCHED_TWICE)
    assert own.p_value == pytest.approx(first.p_value, rel=1e-3)
    assert [s.dropped for s in pooled.reduction.path] == [s.dropped for s in one.reduction.path]
