"""Names that a command would take for an option, and suggestions among very many names."""

from __future__ import annotations

import time

import pytest

from mlm.configuration.names import nearest
from mlm.errors import ConfigurationError
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

NAMES = {
    "survey": ("survey: small", 'survey: "{}"'),
    "wave": ("name: a,", 'name: "{}",'),
    "analysis": ("  score: {outcome", '  "{}": {{outcome'),
    "level": ("{name: school", '{{name: "{}"'),
    "variable": ("  ses: ", '  "{}": '),
    "time": ("name: year", 'name: "{}"'),
}


@pytest.mark.parametrize("name", ["-", "-x", "--help", "--out=x", "-9"])
@pytest.mark.parametrize("place", NAMES)
def test_no_name_begins_as_an_option_does(tmp_path, place, name):
    before, after = NAMES[place]
    text = CONFIGURATION.replace(before, after.format(name), 1)
    with pytest.raises(ConfigurationError, match=rf"line \d+, .*'{name}': use "):
        write_survey(tmp_path, text)


@pytest.mark.parametrize("name", ["a-b", "_a", "2024", "9-"])
def test_other_names_stay_names(tmp_path, name):
    text = CONFIGURATION.replace("name: a,", f'name: "{name}",', 1)
    assert write_survey(tmp_path, text).wave_names == (name, "b")


def test_a_name_in_other_letters_is_the_nearest():
    assert nearest("w_fstr1", ["W_FSTR10", "W_FSTR1", "w_str1"]) == "did you mean 'W_FSTR1'?"


def test_the_nearest_of_many_names():
    names = [f"item{number}" for number in range(100_000)]
    began = time.process_time()
    assert nearest("Item12x", names) == "did you mean 'item12'?"
    assert nearest("zzz", names).startswith("known: item0, item1,")
    assert nearest("z" * 100_000, names).endswith(" and 99,988 more")
    assert len(nearest("z", ["y" * 5000] * 20)) < 2000
    assert time.process_time() - began < 2
