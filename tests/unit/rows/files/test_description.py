"""What a process says of a damaged file is not believed."""

from __future__ import annotations

import pytest

from mlm.rows.files.description import Description

SOUND = {
    "columns": ["x", "y"],
    "notes": {"x": {"kind": "number"}, "y": {}},
    "first": 1,
    "n_rows": 2,
}


def test_a_sound_description():
    description = Description.of(SOUND)
    assert (description.columns, description.n_rows) == (("x", "y"), 2)
    assert description.notes["x"].kind == "number"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"columns": ["x", None]}, "column 2 has no name"),
        ({"columns": ["", "y"]}, "column 1 has no name"),
        ({"columns": [3, "y"]}, "column 1 has no name"),
        ({"columns": None}, "it has no columns"),
        (
            {"notes": {"x": {"missing": {"a\x00": "ill"}}}},
            r"code of .* 'x' holds .*U\+0000",
        ),
    ],
)
def test_a_description_that_cannot_be_is_refused(change, told):
    with pytest.raises(ValueError, match=told):
        Description.of(SOUND | change)


@pytest.mark.parametrize("n_rows", [None, -1, "many"])
def test_a_number_of_rows_that_the_file_does_not_tell(n_rows):
    assert Description.of(SOUND | {"n_rows": n_rows}).n_rows is None


def test_labels_are_texts_that_can_be_shown():
    notes = {"x": {"label": "a\x1bb", "labels": {"1": "o\u202ene"}, "missing": {"9": "il\x07l"}}}
    found = Description.of(SOUND | {"notes": notes}).notes["x"]
    assert found.label == "a\ufffdb"
    assert found.labels == {"1": "o\ufffdne"}
    assert found.missing == {"9": "il\ufffdl"}
