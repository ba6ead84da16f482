"""Draws of one score pass; copies, means of draws and draws of other scores are told by name."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.rows.cleaning.sampled.draw_checks import draw_problems

ROWS, NAMES = 1500, tuple(f"PV{m}MATH" for m in range(1, 6))


def draws(seed: int = 1, rows: int = ROWS) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    score = 500 + 90 * random.normal(size=rows)
    return {name: score + 30 * random.normal(size=rows) for name in NAMES}


def told(values: dict[str, np.ndarray], nests: int = 1) -> list[str]:
    return list(draw_problems("math", nests, values))


@pytest.mark.parametrize("rows", [40, ROWS])
def test_draws_pass(rows):
    for seed in range(40):
        assert told(draws(seed, rows)) == []


def test_all_copies_are_one_problem():
    values = draws()
    (problem,) = told(dict.fromkeys(NAMES, values["PV1MATH"]))
    assert problem.startswith(
        "math: 5 plausible values are the same in every row as others (PV1MATH"
    )
    assert "PV5MATH); each draw is a column of its own" in problem
    values["PV4MATH"], values["PV5MATH"] = values["PV2MATH"], values["PV3MATH"]
    (problem,) = told(values)
    assert "4 plausible values" in problem
    assert "(PV2MATH, PV4MATH; PV3MATH, PV5MATH)" in problem


@pytest.mark.parametrize("others", [2, 4])
@pytest.mark.parametrize("decimals", [0, 9])
def test_a_mean_of_draws_is_told_however_it_was_rounded(others, decimals):
    values = draws()
    mean = np.mean([values[name] for name in NAMES[:others]], axis=0)
    (problem,) = told({**values, "PV5MATH": np.round(mean, decimals)})
    assert "PV5MATH correlates 0.9" in problem
    assert "they 0.90 with each other: it seems to be a mean of draws, and no draw" in problem


def test_draws_of_another_score_are_told():
    values, random = draws(), np.random.default_rng(9)
    score = values["PV1MATH"] - 500
    other = 500 + 0.7 * score + np.sqrt(0.51) * 95 * random.normal(size=ROWS)
    (problem,) = told({**values, "PV3MATH": other})
    assert "PV3MATH correlates 0.6" in problem
    assert "it seems to be of another score. Check its column" in problem


def test_another_scale_is_told_and_the_others_are_judged_without_it():
    values = draws()
    values["PV2MATH"] = values["PV2MATH"] / 10
    values["PV4MATH"] = np.random.default_rng(3).permutation(values["PV4MATH"])
    scale, other = told(values)
    assert "PV2MATH has the mean 49.56 (SD 9.54)" in scale
    assert "the others 496.1 (95.5)" in scale
    assert "PV4MATH correlates" in other


def test_two_draws_are_judged_by_their_scale():
    values = {name: values for name, values in draws().items() if name in NAMES[:2]}
    assert told(values) == []
    values["PV2MATH"] = values["PV2MATH"] + 40
    assert len(told(values)) == 1


def test_nested_draws_are_nearer_to_each_other_inside_a_nest():
    random = np.random.default_rng(2)
    nests = 500 + 90 * random.normal(size=(ROWS, 1)) + 30 * random.normal(size=(ROWS, 2))
    values = {
        f"s_{i}_{j}": nests[:, i] + 20 * random.normal(size=ROWS) for i in (0, 1) for j in range(4)
    }
    assert told(values, 2) == []
    values["s_1_2"] = np.mean([values[f"s_1_{j}"] for j in (0, 1, 3)], axis=0)
    (problem,) = told(values, 2)
    assert "s_1_2 correlates" in problem


def test_missing_values_and_few_rows_are_no_problem():
    values = draws()
    values["PV1MATH"][:50] = np.nan
    assert told(values) == []
    assert told(draws(rows=5)) == []
    assert told({**draws(), "PV2MATH": np.full(ROWS, np.nan)}) == []
