"""Names of files for units are safe on any system and as different as the ids."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlm.pages.unit_pages.file_name import file_name

IDS = st.tuples(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
SAFE = re.compile(r"[0-9a-z-]{0,50}|[0-9a-z-]{0,40}_[0-9a-f]{12}")
DEVICES = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9])(\.|$)", re.IGNORECASE)


@pytest.mark.parametrize(
    ("ids", "name"),
    [(("13",), "13"), (("01", "3"), "01-3"), (("abc",), "abc"), (("1" * 24,), "1" * 24)],
)
def test_a_simple_id_is_its_name(ids, name):
    assert file_name(ids) == name


@pytest.mark.parametrize(
    "ids",
    [("../etc",), ("a/b",), ("a b",), ("A1",), ("CON",), ("con",), ("École",), ("学校",), (".",),
     ("",), ("x" * 300,), ("a\x00b",), ("index",), ("nul", "1"), ("1-2", "3")],
)  # fmt: skip
def test_other_ids_are_named_by_a_hash_too(ids):
    name = file_name(ids)
    assert SAFE.fullmatch(name)
    assert "_" in name or ids == ("nul", "1")
    assert not DEVICES.match(name)


@given(IDS, IDS)
@example(("A1", "x"), ("a1", "x"))
@example(("a", "b-c"), ("a-b", "c"))
@example(("é", "x"), ("e\u0301", "x"))
@example(("12", "3"), ("1", "23"))
def test_different_ids_have_different_names_whatever_the_system_folds(one, other):
    names = [file_name(ids) for ids in (one, other)]
    assert all(SAFE.fullmatch(name) and not DEVICES.match(name) for name in names)
    folded = {unicodedata.normalize("NFD", name.casefold()) for name in names}
    assert len(folded) == len({one, other})
