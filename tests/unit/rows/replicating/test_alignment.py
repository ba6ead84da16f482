"""Replicate weights of other rows are told, those of any sound design are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import SurveyError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.nouns.replicates import Replicates
from mlm.rows.accumulating.sources import source_of
from mlm.rows.replicating.alignment import (
    alignment,
    refuse_other_rows,
    refuse_wrong_columns,
)
from mlm.rows.replicating.replicate_rows import check_sums
from mlm.statistics.replication.made_factors import balanced, leaving_one_out, of_pairs

SCHOOLS, PUPILS = 40, 12
ZONES = np.repeat(np.arange(SCHOOLS // 2), 2)
HALVES = np.tile([0, 1], SCHOOLS // 2)
FACTORS = {
    "fay": lambda _: balanced(ZONES, 24, 0.5).values,
    "brr": lambda _: balanced(ZONES, 24, 0.0).values,
    "jk1": lambda _: leaving_one_out(np.zeros(SCHOOLS, dtype=int)).values,
    "jkn": lambda _: leaving_one_out(np.arange(SCHOOLS) // 10).values,
    "jk2": lambda _: of_pairs(ZONES, HALVES, both=True).values,
    "bootstrap": lambda random: random.multinomial(SCHOOLS, np.full(SCHOOLS, 1 / SCHOOLS), 60).T,
}


def sample(method: str, equal: bool = False, seed: int = 3) -> tuple[pd.DataFrame, list[str]]:
    """Rows with replicates whose weights pupils' cells adjust by a few per cent."""
    random = np.random.default_rng(seed)
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    weight = np.ones(school.size)
    if not equal:
        weight = random.uniform(5.0, 40.0, SCHOOLS)[school] * random.uniform(0.8, 1.3, school.size)
    factors = FACTORS[method](random)[school]
    adjusted = 1.0 + 0.05 * random.standard_normal((2 * SCHOOLS, factors.shape[1]))
    cells = 2 * school + random.integers(0, 2, school.size)
    columns = [f"R{r + 1}" for r in range(factors.shape[1])]
    replicates = pd.DataFrame(weight[:, None] * factors * adjusted[cells], columns=columns)
    frame = pd.DataFrame({"school": np.char.add("s", school.astype(str)), "w": weight})
    return pd.concat([frame, replicates], axis=1), columns


def judged(frame: pd.DataFrame, method: str, columns: list[str], is_psu: bool = False) -> None:
    scales = (0.9,) * len(columns) if method == "jkn" else ()
    factor = 0.5 if method == "fay" else 0.0
    known = Replicates(method, tuple(columns), factor=factor, scales=scales)
    found = alignment(source_of(frame), ["school"], "w", columns)
    refuse_other_rows(known, found, "school", is_psu)


@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("method", FACTORS)
def test_sound_replicates_pass(method, equal):
    frame, columns = sample(method, equal)
    judged(frame, method, columns, is_psu=True)


@pytest.mark.parametrize("equal", [False, True], ids=["unequal weights", "equal weights"])
@pytest.mark.parametrize("method", FACTORS)
def test_shuffled_rows_are_told(method, equal):
    frame, columns = sample(method, equal)
    other = np.random.default_rng(8).permutation(len(frame))
    frame[columns] = frame[columns].to_numpy()[other]
    expected = "differ inside school" if equal else "times their weight"
    with pytest.raises(SurveyError, match=expected):
        judged(frame, method, columns)


def test_one_column_that_is_no_replicate_is_named():
    frame, columns = sample("fay")
    known = Replicates("fay", tuple(columns), factor=0.5)
    refuse_wrong_columns(source_of(frame), ["school"], "w", known, False)
    frame["R7"] = 3.0 * frame["w"]
    message = r"1 of 24 replicate weights \(R7\) sum to 3.00 times what the weights do"
    with pytest.raises(SurveyError, match=message):
        refuse_wrong_columns(source_of(frame), ["school"], "w", known, False)


@pytest.mark.parametrize("method", FACTORS)
def test_sums_of_sound_replicates_pass(method):
    """A jackknife may leave out one cluster that holds much of the weight."""
    frame, columns = sample(method)
    scales = (0.9,) * len(columns) if method == "jkn" else ()
    known = Replicates(
        method, tuple(columns), factor=0.5 if method == "fay" else 0.0, scales=scales
    )
    sums = frame[["w", *columns]].sum().to_numpy()
    check_sums(known, sums)
    if method in ("jk1", "jk2", "jkn"):
        check_sums(known, np.r_[sums[0], 0.6 * sums[0], sums[2:]])


def test_one_column_of_other_rows_is_named():
    frame, columns = sample("fay")
    ratio = frame["R7"] / frame["w"]
    frame["R7"] = frame["w"] * np.random.default_rng(8).permutation(ratio)
    with pytest.raises(SurveyError, match=r"factors of 1 of 24 replicate weights \(R7\)"):
        judged(frame, "fay", columns)


def test_halves_may_be_drawn_by_chance_where_clusters_have_one_factor():
    frame, columns = sample("fay")
    halves = np.random.default_rng(4).random((SCHOOLS, len(columns))) < 0.5
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    frame[columns] = frame[["w"]].to_numpy() * np.where(halves, 0.5, 1.5)[school]
    assert (np.abs(frame[columns].mean(axis=1) / frame["w"] - 1.0) > 0.15).any()
    judged(frame, "fay", columns)
    blocks = frame[columns].to_numpy().reshape(SCHOOLS, PUPILS, -1)[::-1].reshape(len(frame), -1)
    with pytest.raises(SurveyError, match="times their weight"):
        judged(frame.assign(**dict(zip(columns, blocks.T, strict=True))), "fay", columns)


def test_pupils_that_are_clusters_themselves_pass_unless_schools_were_declared():
    """Of a census of schools pupils are drawn first: factors differ inside schools, rightly."""
    frame, columns = sample("fay")
    zones = np.arange(len(frame)) // 2 % 20
    signs = balanced(ZONES, 24, 0.5).values[2 * zones + np.arange(len(frame)) % 2]
    frame[columns] = frame[["w"]].to_numpy() * signs
    judged(frame, "fay", columns)
    with pytest.raises(SurveyError, match="expected nearly the same factor in all rows"):
        judged(frame, "fay", columns, is_psu=True)


def test_shares_and_means_are_those_of_a_row_by_row_computation():
    frame, columns = sample("fay")
    found = alignment(source_of(frame), ["school"], "w", columns)
    ratio = frame[columns].div(frame["w"], axis=0)
    inside = ratio - ratio.groupby(frame["school"]).transform("mean")
    apart, n = ratio - ratio.mean(), len(frame)
    share = (inside**2).sum() / (apart**2).sum() / ((n - SCHOOLS) / (n - 1))
    np.testing.assert_allclose(found.inside, share, rtol=1e-9)
    np.testing.assert_allclose(found.means, ratio.mean(axis=1), rtol=1e-12)


@pytest.mark.parametrize("by", ["fit", "replicate", "with_replicates"])
def test_the_library_refuses_them_wherever_it_reads_them(by):
    frame, columns = sample("fay")
    random = np.random.default_rng(2)
    effects = random.normal(size=SCHOOLS)[np.repeat(np.arange(SCHOOLS), PUPILS)]
    frame["y"] = effects + random.normal(size=len(frame))
    frame["v"] = frame.groupby("school")["w"].transform("min")
    design = mlm.SamplingDesign(
        {"row": "w", "school": "v"}, replicates=mlm.fay(columns, k=0.5), psu="school"
    )
    fit = mlm.fit("y ~ 1 + (1 | school)", frame, design=design)
    assert fit.design.method == "replicates"
    other = frame.copy()
    other[columns] = frame[columns].to_numpy()[random.permutation(len(frame))]
    model = parse_formula("y ~ 1 + (1 | school)")
    stats = statistics_of(model, frame, design=design)
    doors = {
        "fit": lambda: mlm.fit("y ~ 1 + (1 | school)", other, design=design),
        "replicate": lambda: mlm.replicate(fit, other),
        "with_replicates": lambda: mlm.with_replicates(stats, other),
    }
    with pytest.raises(SurveyError, match="They seem to be those of other rows"):
        doors[by]()
