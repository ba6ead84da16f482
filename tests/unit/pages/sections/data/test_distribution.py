"""Bars of the outcome hold enough people, and lose none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.document import figures_of
from mlm.pages.sections.data.distribution import bars_of
from tests.unit.pages.sample import document_of, everything, residuals

THRESHOLD = 10


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(1, 12))
def test_bars_join_cells_until_they_hold_enough_and_lose_nobody(rows, least):
    edges = [5.0 * i for i in range(len(rows) + 1)]
    bars = bars_of(edges, rows, least)
    if sum(rows) < least:
        assert bars == []
        return
    assert all(n >= least for *_ends, n in bars)
    assert sum(n for *_ends, n in bars) == sum(rows)
    for (low, high, _n), (following, *_rest) in zip(bars, bars[1:], strict=False):
        assert low < high == following
    held = [i for i, n in enumerate(rows) if n]
    assert bars[0][0] == edges[held[0]] and bars[-1][1] <= edges[held[-1] + 1]


def chart(given_inputs):
    return next(f for f in figures_of(document_of(given_inputs)) if f["kind"] == "distribution")


def test_a_public_report_shows_rounded_shares_of_enough_people():
    inputs = everything() | {"residuals": residuals()}
    data = chart(inputs)["data"]
    waves = dict.fromkeys(data["wave"])
    assert len(waves) == 3
    for wave in waves:
        shares = [s for w, s in zip(data["wave"], data["share"], strict=True) if w == wave]
        assert abs(sum(shares) - 1.0) < 0.02
        assert min(shares) > 0.0


def test_one_person_more_does_not_move_a_bar():
    inputs = everything() | {"residuals": residuals()}
    before = chart(inputs)["data"]
    rows = inputs["residuals"]["waves"][0]["scores"]["rows"]
    place = next(i for i, n in enumerate(rows) if n > THRESHOLD and n % THRESHOLD not in (4, 5))
    rows[place] += 1
    assert chart(inputs)["data"] == before


def test_a_report_without_residuals_has_no_distribution():
    inputs = everything()
    inputs.pop("residuals", None)
    assert "distribution" not in {figure["kind"] for figure in figures_of(document_of(inputs))}
