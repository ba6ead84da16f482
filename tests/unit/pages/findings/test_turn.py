"""What comparing the first wave with the last would hide is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.findings.turn import turn_of
from mlm.pages.text import plain_text, started
from mlm.results.coefficient import Estimate
from mlm.results.reading import At
from tests.unit.pages.findings.test_chosen import findings_of
from tests.unit.pages.sample import inputs


def rows(*values: float, error: float = 1.0) -> list[At]:
    """Differences, one a wave."""
    return [
        At(
            Estimate.model_construct(
                estimate=v, std_error=error, lower=v - 2 * error, upper=v + 2 * error
            ),
            f"results#/rows/{i}",
        )
        for i, v in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ((-6, -15, -12, -9.7), 1),
        ((-12, -7, -11), 1),
        ((3, 4, 5), None),
        ((5, 6, 5), None),
        ((5, -4, 5), 1),
        ((5, 9), None),
    ],
)
def test_a_wave_beyond_both_outer_ones_is_found(values, place):
    assert turn_of(rows(*values)) == place


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=6), st.floats(0.01, 20))
def test_a_turn_is_beyond_both_and_the_farthest(values, error):
    place = turn_of(rows(*values, error=error))
    if place is not None:
        assert 0 < place < len(values) - 1
        first, last, here = values[0], values[-1], values[place]
        assert here > max(first, last) + error or here < min(first, last) - error


def sentence_of(kind: str, given: dict) -> str:
    (found,) = [each for each in findings_of(given)[1] if each.kind == kind][:1]
    return plain_text(started(found.runs))


def test_a_mean_that_fell_after_a_peak_says_so():
    given = inputs()
    means = given["results"]["over_time"]["adjusted_means"]
    means[1]["change"] |= {"estimate": 200.0, "std_error": 1.0, "lower": 198.0, "upper": 202.0}
    assert ", after a rise of 200.0 scale points by Grade 1." in sentence_of("change", given)
    means[1]["change"] |= {"estimate": 50.0, "lower": 48.0, "upper": 52.0}
    assert ", after " not in sentence_of("change", given)


def test_a_rise_and_fall_is_news_where_the_outer_waves_are_alike():
    given = inputs()
    means = given["results"]["over_time"]["adjusted_means"]
    means[1]["change"] |= {"estimate": 1.0, "std_error": 1.0, "lower": -1.0, "upper": 3.0}
    means[2]["change"] |= {"estimate": 1.0, "std_error": 1.0, "lower": -1.0, "upper": 3.0}
    assert not any(each.kind == "change" for each in findings_of(given)[0].told)
    means[1]["change"] |= {"estimate": 12.1, "std_error": 1.0, "lower": 10.1, "upper": 14.1}
    chosen = findings_of(given)[0]
    told = (*chosen.told, *chosen.further)
    (found,) = [each for each in told if each.kind == "change"]
    (whole,) = [each for each in chosen.untold if each.kind == "change"]
    text = plain_text(started(found.runs))
    assert text.startswith("The mathematics score rose by 12.1 scale points (10.1 to 14.1; ")
    assert text.endswith(" from Kindergarten to Grade 1 and fell again.")
    assert "did not clearly change from Kindergarten to Grade 2: " in plain_text(whole.runs)
    assert plain_text(found.short) == "the mathematics score rose by Grade 1 and fell again"


@pytest.mark.parametrize(
    ("last", "change", "words"),
    [
        (
            490.0,
            (94.8, 0.8),
            "rose by 4.60 scale points from Kindergarten to Grade 2; for the ",
        ),
        (
            480.0,
            (94.8, 0.8),
            "fell by 5.40 scale points from Kindergarten to Grade 2; for the ",
        ),
        (480.0, (1.0, 0.8), "for the same mix of pupils it did not clearly change"),
        (480.0, (94.8, 0.8), "for the same mix of pupils it rose by 94.8"),
        (490.0, (94.8, 0.8), "for the same mix of pupils, by 94.8"),
    ],
)
def test_the_change_of_the_rows_comes_before_that_of_the_same_mix(last, change, words):
    given = inputs()
    given["configuration"]["design"] = "same_schools"
    given["results"]["waves"][-1]["mean"] = last
    value, error = change
    __, middle, row = [each["change"] for each in given["results"]["over_time"]["adjusted_means"]]
    middle |= {"estimate": 0.0, "lower": -1.0, "upper": 1.0}
    row |= {"estimate": value, "std_error": error}
    row |= {"lower": value - 2 * error, "upper": value + 2 * error}
    assert words in sentence_of("change", given)


def test_where_nothing_is_adjusted_one_change_is_told():
    given = inputs()
    given["configuration"]["design"] = "same_schools"
    given["results"]["settled"]["terms"] = given["results"]["settled"]["terms"][:1]
    assert "same mix" not in sentence_of("change", given)


def test_an_effect_of_the_draw_has_the_last_wave_beside_it_as_attended():
    given = inputs()
    rows = given["results"]["policy"][0]["effects"]
    for row in rows[1:]:
        row["standing"] = "attended"
    policy = [each for each in findings_of(given)[1] if each.kind == "policy"]
    assert [each.wave for each in policy] == [rows[0]["wave"], rows[-1]["wave"]]
    later = plain_text(started(policy[1].runs))
    assert " in Grade 2" in later and "raised" not in later and "draw" not in later
    for row in rows:
        row["standing"] = "attended"
    policy = [each for each in findings_of(given)[1] if each.kind == "policy"]
    assert len(policy) == 1
