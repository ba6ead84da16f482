"""Slips in YAML are told in plain words, with the line."""

from __future__ import annotations

import pytest

from mlm.configuration.loading import read_configuration

SLIPS = {
    "another indentation": (
        "levels:\n  - {name: a}\n   - {name: b}\n",
        3,
        "indented by other blanks",
    ),
    "a quotation mark inside": ('survey: x\ntitle: "a" b\n', 2, "quotation marks"),
    "a colon in a text": ("title: a: b\n", 1, "has ': ' in it and needs quotation marks"),
    "an open bracket": ("levels: [a, b\ntime: 3\n", 2, "is not closed by } or ] (the part begins"),
    "an open quotation mark": ('title: "abc\ntime: 3\n', 3, "opened and not closed"),
    "a tab": ("survey: x\n\ttitle: a\n", 2, "a tab"),
}


@pytest.mark.parametrize("case", SLIPS)
def test_a_slip_is_told_in_plain_words_with_its_line(tmp_path, case):
    text, line, words = SLIPS[case]
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    (problem,) = read_configuration(path).problems
    assert problem.startswith(f"{path}, line {line}: not valid YAML: ") and words in problem
    assert "block end" not in problem and "scalar" not in problem
