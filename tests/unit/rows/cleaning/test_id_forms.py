"""Forms of ids: counted alike whether or not a letter beyond ASCII stands among them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.id_forms import FormCounts

FORMS = {
    "007": "padded",
    "70": None,
    "AB-1": "capitals",
    "ab 1": "small",
    "Ab": None,
    "": None,
    "É1": "capitals",
    "é1": "small",
    "Éa": None,
    "ß": "small",
    "école": "small",
}
ASCII = [text for text in FORMS if text.isascii()]


@pytest.mark.parametrize("texts", [[text] for text in FORMS] + [list(FORMS), ASCII])
def test_ids_are_counted_by_their_form(texts):
    n = len(texts)
    distinct = Distinct(pa.array(texts), np.repeat(np.arange(n), 2))
    missing = {"empty": np.zeros(2 * n, dtype=bool)}
    counts = FormCounts()
    counts.note(
        "a.csv",
        "school",
        SimpleNamespace(distinct=distinct, missing=missing, n_decimals=0, n_composed=0),
    )
    (found,) = counts.found()
    for form in ("padded", "capitals", "small"):
        assert getattr(found, form) == 2 * sum(FORMS[text] == form for text in texts), form


def test_ids_of_which_none_comes_twice_are_counted_as_those_that_do():
    texts = pa.array(["01", "1", "0", "", "123"])
    missing = {"empty": np.array([False, False, False, True, False])}
    found = []
    for codes in (np.arange(5), np.arange(5)[::-1]):
        distinct = Distinct(texts.take(pa.array(codes)), codes)
        counts, own = FormCounts(), {"empty": missing["empty"][codes][distinct.codes]}
        cells = SimpleNamespace(distinct=distinct, missing=own, n_decimals=0, n_composed=0)
        counts.note("a.csv", "pupil", cells)
        found += counts.found()
    assert found[0].padded == 1 and found[0].rows == 4
    assert {digit.length: digit.rows for digit in found[0].digits} == {1: 2, 2: 1, 3: 1}
