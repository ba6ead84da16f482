"""Replicates: what each counts for, and what makes no sense."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.errors import ModelError
from mlm.nouns.replicates import (
    Replicates,
    bootstrap,
    brr,
    columns_of,
    fay,
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
