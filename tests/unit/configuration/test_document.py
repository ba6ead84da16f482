"""Texts of a configuration that nothing can show, or that are no configuration, have their line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.configuration import load_configuration
from mlm.configuration.document import LARGEST_FILE
from mlm.errors import ConfigurationError
from mlm.nouns.characters import made_visible, unprintable
from tests.drawn_cases import cases
from tests.unit.rows.small_survey import CONFIGURATION

HIDDEN = st.sampled_from(
    [chr(c) for c in (*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF)]
    + [chr(c) for c in (0xD800, 0xDBFF, 0xDC00, 0xDFFF, *range(0x202A, 0x202F), 0x2066, 0x2069)]
)
PLACES = (
    ("title: A small survey", 'title: "A{}"', 2),
    ("id: school}", 'id: "x{}y"}}', 7),
    ("label: Year", 'label: "{}"', 9),
    ("files: [a.csv]", 'files: ["a{}.csv"]', 11),
    ('missing: {"-9"', 'missing: {{"-9{}"', 14),
    ("label: Home", 'label: "Home{}"', 15),
    ("g: Girl", 'g: "{}Girl"', 16),
    ("recode: {z: y", 'recode: {{"z{}": y', 18),
)
"""Texts of the configuration, what they become, and their lines."""


def problems_of(folder: Path, text: str) -> list[str]:
    path = folder / "small.yaml"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    with pytest.raises(ConfigurationError) as raised:
        load_configuration(path)
    return raised.value.problems


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("configurations")


@settings(max_examples=cases(60))
@given(HIDDEN, st.sampled_from(PLACES), st.booleans())
def test_no_text_holds_what_cannot_be_shown(folder, character, place, is_escaped):
    before, after, line = place
    written = f"\\u{ord(character):04x}" if is_escaped else character
    text = CONFIGURATION.replace(before, after.format(written), 1)
    problems = problems_of(folder, text)
    if not is_escaped and 0xD800 <= ord(character) <= 0xDFFF:
        assert "not UTF-8" in problems[0]
        return
    assert re.search(rf"line {line}\b.*U\+{ord(character):04X}", problems[0]), problems


@settings(max_examples=cases(50))
@given(st.text(max_size=20), HIDDEN)
def test_a_text_made_visible_can_be_shown(text, character):
    for hidden in (text, text + character, character + text):
        shown = made_visible(hidden)
        assert unprintable(shown) is None
        assert len(shown) == len(hidden)
    assert unprintable(text + character) is not None


@pytest.mark.parametrize("text", ["Größe\tin\nZeilen", "עברית \u200f", "e\u0301", "😀", "\u00a0"])
def test_texts_of_any_language_are_shown(text):
    assert unprintable(text) is None


@pytest.mark.parametrize("open_, close", [("[", "]"), ("{a: ", "}"), ("- " * 30, "")])
def test_a_text_nested_too_deeply_is_refused_at_once(folder, open_, close):
    problems = problems_of(folder, f"{CONFIGURATION}x:\n  {open_ * 400}{close * 400}\n")
    assert problems == [f"{folder / 'small.yaml'}, line 22: not valid YAML: nested deeper than 20"]


def test_texts_and_keys_have_a_length(folder):
    problems = problems_of(folder, CONFIGURATION.replace("A small survey", "a" * 10_001))
    assert re.search(r"line 2, title: 'a+'\.\.\. \(10,001 characters\): longer", problems[0])
    problems = problems_of(folder, f"{CONFIGURATION}{'k' * 501}: 1\n")
    assert re.search(r"line 21: 'k+'.*: longer than 500 characters", problems[0])
    problems = problems_of(folder, CONFIGURATION.replace("[0, 100]", f"[0, {'1' * 5000}]"))
    assert len(problems[0]) < 400


def test_a_file_that_is_no_configuration_is_not_read_to_its_end(folder):
    problems = problems_of(folder, "#" * (LARGEST_FILE + 1))
    assert "longer than 4,194,304 bytes" in problems[0]
    with pytest.raises(ConfigurationError, match="longer than"):
        load_configuration("/dev/zero")
