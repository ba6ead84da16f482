"""Texts become integers that sort as they do; no two texts share one."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.rows.cleaning.texts import ranks

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
