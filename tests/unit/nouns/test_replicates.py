"""Replicates: what each counts for, and what makes no sense."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.errors import ModelError
from mlm.nouns.replicates import (
    Replicates,
    bootstrap,
    brr,
    columns_of,
    fay,
    is_range,
    jk1,
    jk2,
    jkn,
)


@pytest.mark.parametrize(
    ("replicates", "scale", "df"),
    [
        (fay("W{1..80}", k=0.5), 1 / 20, 80),
        (fay("W{1..100}", k=0.5), 1 / 25, 100),
        (brr("W{1..16}"), 1 / 16, 16),
        (jk2("JR{1..75}"), 1.0, 75),
        (jk2("JR{1..150}", halves="both"), 0.5, 75),
        (jk1("J{1..20}"), 19 / 20, 19),
        (bootstrap("B{1..200}"), 1 / 200, 199),
    ],
)
def test_scales_are_those_of_the_method(replicates, scale, df):
    count = len(replicates.columns)
    np.testing.assert_allclose(replicates.scale(count), np.full(count, scale))
    assert replicates.degrees(count) == df


def test_scales_of_strata_are_given():
    found = jkn(["a", "b", "c"], [0.5, 0.5, 2 / 3])
    np.testing.assert_allclose(found.scale(3), [0.5, 0.5, 2 / 3])


def test_a_range_of_columns_is_written_out():
    assert columns_of("W_FSTR{1..3}") == ("W_FSTR1", "W_FSTR2", "W_FSTR3")
    assert columns_of(["A{9..11}X", "B"]) == ("A9X", "A10X", "A11X", "B")
    assert columns_of("R{08..10}") == ("R08", "R09", "R10")


@pytest.mark.parametrize(
    ("text", "first", "last", "count"),
    [
        ("W_FSTR1-W_FSTR80", "W_FSTR1", "W_FSTR80", 80),
        ("PV1MATH-PV10MATH", "PV1MATH", "PV10MATH", 10),
        ("PV1MATH4-PV5MATH4", "PV1MATH4", "PV5MATH4", 5),
        ("JR01 - JR75", "JR01", "JR75", 75),
        ("a-1x-a-3x", "a-1x", "a-3x", 3),
    ],
)
def test_columns_are_named_by_the_first_and_the_last(text, first, last, count):
    found = columns_of(text)
    assert (found[0], found[-1], len(found)) == (first, last, count)
    assert is_range(text)


@pytest.mark.parametrize("text", ["pre-post", "2018-2019", "A1-B2", "PV1MATH1-PV2MATH2", "W_1"])
def test_a_name_with_a_dash_that_is_no_range_is_a_name(text):
    assert columns_of(text) == (text,)
    assert not is_range(text)


@given(st.integers(0, 99), st.integers(0, 99), st.sampled_from(["R{}", "PV{}X", "a-{}-b"]))
def test_both_ways_to_write_a_range_are_one(low, high, pattern):
    braced = pattern.format(f"{{{low}..{high}}}")
    dashed = f"{pattern.format(low)}-{pattern.format(high)}"
    if high < low:
        for text in (braced, dashed):
            with pytest.raises(ModelError, match="run backwards"):
                columns_of(text)
    elif low < high:
        found = columns_of(braced)
        assert found == columns_of(dashed)
        assert found == tuple(pattern.format(number) for number in range(low, high + 1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Replicates("half", ("a", "b")), "replicates by 'half'"),
        (lambda: fay("W{1..80}", k=1.0), "Fay's factor is 1.0"),
        (lambda: fay("W_FSTR1"), "one column"),
        (lambda: fay(["a", "b", "a"]), "a is named twice"),
        (lambda: jk2(), "the columns of replicate weights, or the column of the clusters"),
        (lambda: jk2("J{1..3}", zone="z", unit="u"), "and not both"),
        (lambda: jk2(unit="u"), "in strata or pairs"),
        (lambda: jk2("J{1..3}", halves="all"), "halves='all'"),
        (lambda: jkn("J{1..3}"), "0 scales for 3 columns"),
        (lambda: Replicates("fay", psu="school"), "read from a file"),
    ],
)
def test_replicates_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ModelError, match=message):
        make()
