"""Texts become integers that sort as they do; no two texts share one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.rows.cleaning.texts import (
    are_plain,
    byte_lengths,
    number_texts,
    numbered,
    ranks,
    single_bytes,
    stable_order,
    written_numbers,
)

# few letters, so that texts repeat and one begins as another does; NUL, and letters of two bytes
TEXTS = st.lists(st.text(alphabet="ab\0é", max_size=20), max_size=40)


@given(texts=TEXTS, skipped=st.integers(0, 3))
def test_numbers_follow_the_order_of_the_bytes(texts, skipped):
    rank, first = ranks(pa.array(texts, pa.string()).slice(skipped))
    texts = [text.encode() for text in texts[skipped:]]
    distinct = sorted(set(texts))
    assert [distinct[i] for i in rank] == texts
    assert [texts[i] for i in first] == distinct


@pytest.mark.parametrize("length", [7, 8, 9, 36, 100])
def test_texts_that_differ_in_their_last_byte_alone(length):
    texts = ["x" * (length - 1) + last for last in "bacab"]
    assert ranks(pa.array(texts))[0].tolist() == [1, 0, 2, 0, 1]


@given(
    digits=st.integers(1, 19),
    numbers=st.lists(st.integers(0, 10**19 - 1), max_size=40),
    step=st.sampled_from([1, 10**6]),
)
def test_numbers_of_one_length_are_numbered_as_their_texts(digits, numbers, step):
    texts = [f"{number * step % 10**digits:0{digits}d}" for number in numbers]
    rank, first = ranks(pa.array(texts, pa.string()))
    distinct = sorted(set(texts))
    assert [distinct[i] for i in rank] == texts
    assert [texts[i] for i in first] == distinct


KINDS = {"<u8": (0, 2**64 - 1), "<i8": (-(2**63), 2**63 - 1), "<i4": (-(2**31), 2**31 - 1)}


@given(data=st.data(), kind=st.sampled_from(list(KINDS)))
def test_integers_are_sorted_and_equal_ones_keep_their_order(data, kind):
    low, high = KINDS[kind]
    near = st.integers(0, 3).map(lambda step: high - step)
    numbers = data.draw(st.lists(st.one_of(st.integers(low, high), near), max_size=30))
    order = stable_order(np.array(numbers, dtype=kind))
    assert order.tolist() == sorted(range(len(numbers)), key=numbers.__getitem__)


@pytest.mark.parametrize(
    ("texts", "plain"),
    [(["a", "1-b"], True), ([""], True), ([], True), (["a b"], False), (["é"], False)]
    + [(["a\x7f"], False), (["\t"], False), (["a\u00a0"], False)],
)
def test_plain_texts_hold_nothing_that_is_trimmed_or_composed(texts, plain):
    assert are_plain(pa.array(texts, pa.string())) is plain
    assert are_plain(pa.array(["é ", *texts], pa.string()).slice(1)) is plain


def test_lengths_are_of_bytes():
    assert byte_lengths(pa.array(["x", "", "é", "abc"]).slice(1)).tolist() == [0, 2, 3]


@pytest.mark.parametrize("texts", [["12", "7"], ["07", "12"], ["1a", "22"], [""], [], ["1" * 19]])
def test_texts_that_are_no_numbers_of_one_length_are_not_written_as_numbers(texts):
    assert written_numbers(pa.array(texts, pa.string())) is None


@given(numbers=st.lists(st.integers(10**8, 10**9 - 1), min_size=1), near=st.booleans())
def test_numbers_that_are_written_as_texts_come_back(numbers, near):
    keys = np.array(numbers) // (10**7 if near else 1) + (10**8 if near else 0)
    texts = number_texts(keys)
    assert np.array_equal(written_numbers(texts), keys)
    rank, distinct = numbered(keys)
    assert np.array_equal(distinct, np.unique(keys))
    assert np.array_equal(rank, ranks(texts)[0])


@given(texts=st.lists(st.sampled_from(["", "a", "b", "0", "é", "ab"]), max_size=9))
def test_texts_of_one_byte_are_told_by_it(texts):
    found = single_bytes(pa.array(["ab", *texts], pa.string()).slice(1))
    if not texts or max(len(text.encode()) for text in texts) > 1:
        assert found is None
    else:
        assert found.tolist() == [ord(text) if text else 0 for text in texts]
