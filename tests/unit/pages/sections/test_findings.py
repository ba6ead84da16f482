"""The first screen."""

from __future__ import annotations

import pytest

from mlm.nouns.fewest import MANY_LEFT_OUT
from mlm.pages.sections.findings import studied
from mlm.pages.sections.studied import studied_table
from mlm.pages.sections.units.words import units_question
from mlm.pages.text import plain_text
from tests.unit.pages.reading import numbers_of, table_of
from tests.unit.pages.sample import context_of, document_of, everything, inputs


def test_a_level_without_units_in_a_wave_has_an_empty_cell():
    given = inputs()
    first = given["results"]["waves"][0]
    in_wave = {"unit": "school", "in_wave": True, "ids": ["school", "wave"]}
    first["groups"].append({"level": in_wave, "n": 79})
    table = studied_table(context_of(given))
    assert [column["label"] for column in table["columns"]][1:5] == [
        "Schools",
        "Pupils",
        "Schools by wave",
        "Rows used",
    ]
    cells = [[cell["text"] for cell in row["cells"][1:5]] for row in table["rows"]]
    assert cells[:2] == [["79", "5,800", "79", "5,800"], ["76", "6,100", "[x]", "6,100"]]


@pytest.mark.parametrize(("more", "told"), [(0, False), (1, True), (5000, True)])
def test_many_rows_without_a_value_are_told_with_what_they_are_a_share_of(more, told):
    given = inputs()
    kept = sum(wave["rows_kept"] for wave in given["survey"]["waves"])
    lacking = int(kept * MANY_LEFT_OUT) + more
    given["results"]["n_obs"] = kept - lacking
    words = plain_text(studied(context_of(given)))
    sentence = (
        f"{lacking / kept:.0%} of the rows ({lacking:,} of {kept:,}) are left out of the models, "
        "as a value is missing in them, most often of Mathematics score."
    )
    assert words.endswith(sentence) == told
    assert told or "left out" not in words


def test_no_unit_is_made_up():
    given = inputs()
    del given["configuration"]["variables"]["math"]["unit"]
    words = plain_text(studied(context_of(given)))
    assert words.startswith("Mathematics score, measured in points of its own scale: ")


def test_the_question_on_units_names_every_level_that_is_answered():
    given = inputs()
    other = given["results"]["effects"][0] | {
        "level": {"unit": "pupil", "in_wave": False, "ids": ["school", "pupil"]}
    }
    given["results"]["effects"].append(other)
    assert units_question(context_of(given)) == (
        "Which schools or pupils do better or worse than expected, and may they be ranked?"
    )


def test_a_bare_number_of_a_wave_is_called_a_wave():
    given = inputs()
    for wave in given["configuration"]["waves"]:
        del wave["label"]
    words = plain_text(studied(context_of(given)))
    assert "; K, wave 1 and wave 2." in words


def test_a_share_of_rows_so_few_that_they_are_hidden_is_not_told():
    given = inputs()
    for wave in given["survey"]["waves"]:
        wave["rows_kept"] = 40
    given["results"]["n_obs"] = 111
    assert "left out" not in plain_text(studied(context_of(given)))
    given["configuration"]["disclosure"] = {"mode": "controlled"}
    assert "8% of the rows (9 of 120) are left out" in plain_text(studied(context_of(given)))


def test_persons_are_persons_on_the_first_screen_and_in_the_model_card():
    """A pupil who moved is one pupil; pairs of pupil and school are named so."""
    given = everything()
    given["survey"]["levels"][1]["distinct"] -= 367
    document = document_of(given)
    pupils = given["results"]["levels"][1]
    assert pupils["distinct"] < pupils["n"]
    told = {size["label"]: size["runs"][0]["text"] for size in document["findings"]["sizes"]}
    assert told["pupils"] == f"{pupils['distinct']:,}"
    assert f"{pupils['distinct']:,} pupils" in plain_text(document["findings"]["studied"])
    assert "results#/levels/1/n" not in [found["source"] for found in numbers_of(document)]
    title = table_of(document, "hierarchy")["rows"][1]["cells"][0]["text"]
    assert title == "Pupils (counted in each of their schools)"


def test_units_that_never_move_need_no_other_name():
    assert (
        table_of(document_of(everything()), "hierarchy")["rows"][1]["cells"][0]["text"] == "Pupils"
    )
