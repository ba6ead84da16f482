"""CompletedSamples of the same rows: what is refused, what they share, what is computed once."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mlm.errors import DifferentImputations
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.nouns.levels import WAVE
from mlm.statistics.evidence.completed_samples import CompletedSamples
from mlm.statistics.evidence.moments import raw_mean
from mlm.statistics.fitting.solution import solve
from tests import rows_in_classes
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

SIZES = {"county": 6, "school": 3, WAVE: 2, "row": 5}
PLAN = make_plan("same_schools", waves=("w0", "w1"), by_time=())


@cache
def rows():
    frame = nested_rows(np.random.default_rng(1), SIZES, {"county": 0.3, "school": 0.3})
    return frame.assign(**{WAVE: "w" + frame[WAVE]})


@cache
def draws(*seeds: int):
    """Merged statistics of rows of which a tenth of x was drawn anew."""
    out = []
    for seed in seeds:
        rng, frame = np.random.default_rng(seed), rows().copy()
        frame.loc[::10, "x"] = rng.normal(size=len(frame.loc[::10]))
        out.append(merged(PLAN, frame, rows()))
    return out


def column(stats, name: str):
    return next(c for c in stats.columns.columns if c.name == name)


def test_columns_that_hold_an_imputed_variable_are_those_that_move():
    found = CompletedSamples.of(draws(1, 2, 3))
    names = [found.first.columns.names[i] for i in sorted(found.moved)]
    assert names and all("x" in name for name in names)
    still = [name for name in found.first.columns.names if name not in names]
    assert not any("x" in name for name in still)


def test_a_model_without_it_is_observed_and_answered_once():
    found = CompletedSamples.of(draws(1, 2, 3))
    without, with_it = (parse_formula(f"y ~ {terms} + (1 | county)") for terms in ("z", "z + x"))
    assert found.are_observed(without) and not found.are_observed(with_it)
    assert found.of_model(without) == (found.first,)
    assert found.each(["all"]) == ("all",) * 3
    assert [id(each) for each in found.of_model(with_it)] == [id(each) for each in found.draws]
    assert found.each(["a", "b", "c"]) == ("a", "b", "c")


def test_equal_draws_are_answered_once():
    one, two = draws(1, 2)
    found = CompletedSamples.of([one, two, replace(one), replace(two), replace(two)])
    assert found.places == (0, 1, 0, 1, 1)
    assert [id(each) for each in found.different] == [id(one), id(two)]
    assert found.each(["one", "two"]) == ("one", "two", "one", "two", "two")
    assert [id(stats) for stats in found.searched] == [id(one), id(two)]


def test_means_over_the_rows_are_those_of_all_draws():
    found = CompletedSamples.of(draws(1, 2, 3))
    x = column(found.first, "x")
    each = [raw_mean(x, stats) for stats in found.draws]
    assert raw_mean(x, found.mean) == pytest.approx(np.mean(each), rel=1e-12)
    with pytest.raises(Exception, match="no sums for groups"):
        solve(parse_formula("y ~ x + (1 | county)"), found.mean)


def _fewer_rows(frame):
    return frame.iloc[1:]


def _other_unit(frame):
    return frame.assign(school=frame["school"].replace("1", "9"))


def _moved_row(frame):
    moved = frame.copy()
    same = (moved["county"] == "0") & (moved[WAVE] == "w0")
    moved.loc[moved[same & (moved["school"] == "0")].index[-1], "school"] = "1"
    return moved


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_fewer_rows, r"it has 179 rows, and not 180"),
        (_other_unit, r"its units of county:school are others \(0:1, 0:9, 1:1"),
        (_moved_row, r"county:school 0:0 has 9 rows in it, and not 10"),
    ],
)
def test_what_are_no_imputations_of_the_same_rows_is_refused(change, message):
    other = merged(PLAN, change(rows()), rows())
    with pytest.raises(
        DifferentImputations, match=f"b.npz is no imputation of .* a.npz: {message}"
    ):
        CompletedSamples.of([*draws(1), other], ["a.npz", "b.npz"])


def test_other_columns_origins_and_levels_are_refused():
    (first,) = draws(1)
    other = merged(make_plan("same_schools", waves=("w0", "w1"), terms=("x",), by_time=()), rows())
    with pytest.raises(DifferentImputations, match="imputation 2 .* the columns differ"):
        CompletedSamples.of([first, other])
    columns = first.columns
    scales = columns.scales | {("x", "identity"): (7.0, 1.0)}
    moved = replace(first, columns=replace(columns, scales=scales))
    with pytest.raises(DifferentImputations, match="x has origin and unit"):
        CompletedSamples.of([first, moved])
    with pytest.raises(DifferentImputations, match="the levels or their candidates differ"):
        CompletedSamples.of([first, first.without_levels(("county",))])


def test_draws_of_crossed_units_share_places_of_effects_and_no_sums():
    frame = rows_in_classes.crossed_rows(4, 6, 2, 2, seed=1)
    text = "y ~ x + (1 | school) + (1 | pupil) + (1 | class_)"
    made = [statistics_of(parse_formula(text), frame) for _ in range(2)]
    found = CompletedSamples.of(made)
    first, second = found.draws
    assert first.crossing.placed is second.crossing.placed
    assert first.crossing.combined is not second.crossing.combined
    for own, draw in zip(made, found.draws, strict=True):
        assert np.array_equal(own.total, draw.total)
    kept = found.without_levels(("school",))
    assert kept.draws[0].crossing.placed is kept.draws[1].crossing.placed
