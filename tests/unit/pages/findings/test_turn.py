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
