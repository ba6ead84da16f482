"""A page for each unit: its effect, its course, its place or why there is none; inside alone."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from mlm.errors import ConfigurationError
from mlm.pages.contexts.making import make_context
from mlm.pages.language import using
from mlm.pages.text import plain_text
from mlm.pages.unit_pages import files as unit_pages
from mlm.pages.unit_pages.files import unit_files
from mlm.pages.unit_pages.page import effects_of, unit_page, units_list
from tests.unit.pages.reading import Page
from tests.unit.pages.sample import everything, records

ODD = ["a/b", "CON", "École <b>", "../x"]


def given_units(**more):
    given = everything()
    given["configuration"] |= {
        "disclosure": {"mode": "controlled"},
        "publication": {"unit_pages": "school"},
        **more,
    }
    return given


def made(given, only=None):
    """The files, of some units alone where they are given."""
    taken = records(given)
    for name in ("residuals", "previous"):
        taken.pop(name)
    if only is not None:
        effects = taken["results"].effects[0]
        fewer = effects.model_copy(update={"units": effects.units[:only]})
        changed = {"effects": (fewer, *taken["results"].effects[1:])}
        taken["results"] = taken["results"].model_copy(update=changed)
    return dict(unit_files(**taken))


def page_of(given, place=0):
    """What the page of a unit holds, and what is stored of it."""
    taken = records(given)
    with using(given["configuration"].get("language", "en")):
        context = make_context(**taken)
        item = effects_of(context, "school")
        return unit_page(context, item, item.units[place]), item.units[place].value


def told(document) -> str:
    names = ("answer", "doubt", "meaning", "place")
    return " ".join(
        [*(plain_text(document[n]) for n in names), *map(plain_text, document["limits"])]
    )


@pytest.fixture(scope="module")
def files():
    given = given_units()
    for ids, unit in zip(ODD, given["results"]["effects"][0]["units"], strict=False):
        unit["unit"] = [ids]
    return made(given, only=5)


def test_each_unit_has_a_page_and_a_pdf_and_the_list_leads_to_them(files):
    assert len(files) == 1 + 2 * 5
    assert all(".." not in name and len(PurePosixPath(name).parts) <= 2 for name in files)
    page = Page(files["index.html"].decode())
    linked = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert sorted(name for name in linked if not name.startswith("#")) == sorted(
        set(files) - {"index.html"}
    )
    assert all(files[name].startswith(b"%PDF") for name in files if name.endswith(".pdf"))


def test_ids_are_text_on_pages_and_safe_in_names(files):
    names = {name for name in files if name.endswith(".html") and name != "index.html"}
    titles = {re.search("<h1>(.*?)</h1>", files[name].decode())[1] for name in names}
    assert {"School a/b", "School CON", "School École &lt;b&gt;", "School ../x"} <= titles
    for name in names:
        page = Page(files[name].decode())
        assert not {"script", "b"} & {tag for tag, _ in page.tags}
        asked = [a.get("href", a.get("src", "")) for _tag, a in page.tags]
        assert not [address for address in asked if address and not address.startswith("#")]


def test_a_page_says_it_is_not_for_publication_and_names_no_other_unit(files):
    for name, content in files.items():
        if name.endswith(".html"):
            assert "ot for publication" in content.decode()
            assert 'name="robots" content="noindex"' in content.decode()
    text = Page(files["school/5.html"].decode()).text
    assert "School 5" in text
    assert not [other for other in ODD if other in text]


def test_the_effect_stands_with_its_interval_and_its_side():
    document, unit = page_of(given_units(), place=11)
    text = plain_text(document["answer"])
    shown = [
        run["value"] for run in document["answer"] if run.get("source", "").count("/units/11/")
    ]
    assert shown == pytest.approx([unit.estimate, unit.lower, unit.upper], abs=0.5)
    assert unit.side == "above"
    assert "It lies above what the model expects: the chance of error over all schools is" in text
    below, _unit = page_of(given_units(), place=0)
    assert "It lies below" in plain_text(below["answer"])
    middle, _unit = page_of(given_units(), place=6)
    assert "cannot be distinguished from zero" in plain_text(middle["answer"])


def test_a_place_is_told_with_the_licence_alone():
    given = given_units()
    assert "Place among" in plain_text(page_of(given)[0]["place"])
    licence = given["results"]["effects"][0]["licence"]
    licence["granted"] = False
    check = next(c for c in licence["checks"] if c["check"] == "stability")
    check.update(value=0.2, lower=0.1, passed=False)
    document, _unit = page_of(given)
    text = plain_text(document["place"])
    assert text.startswith("This page gives no rank. An order of schools would not be sound: ")
    assert "may be as low as 0.10" in text
    assert "Place among" not in told(document)
    assert "are in doubt, for the reasons given under “Place”" in plain_text(document["doubt"])
    check = next(c for c in licence["checks"] if c["check"] == "reliability")
    check.update(threshold=0.99)
    assert "its reliability is 0.93" in plain_text(page_of(given)[0]["doubt"])


def test_a_unit_without_rows_in_the_wave_is_predicted_and_has_no_place():
    given = given_units()
    given["results"]["effects"][0]["units"][3] |= {
        "ranked": False, "n_compared": 0, "raw": None, "mean_rank": None, "rank_lower": None,
        "rank_upper": None, "probability_top": None, "probability_bottom": None,
    }  # fmt: skip
    document, _unit = page_of(given, place=3)
    assert "the effect is predicted" in plain_text(document["answer"])
    assert "This page gives no rank, since there are no" in plain_text(document["place"])


def test_the_course_is_that_of_the_unit_against_all():
    given = given_units()
    document, unit = page_of(given, place=0)
    chart, table = document["course"]
    level = given["results"]["over_time"]["levels"][0]["details"]["trajectories"]
    own = next(each for each in level["units"] if each["unit"] == list(unit.unit))
    for place, is_there in enumerate(own["present"]):
        effect = table["rows"][place]["cells"][1]
        if not is_there:
            assert effect["text"] == "[z]"
            assert chart["data"]["estimate"][place] is None
            continue
        assert effect["value"] == pytest.approx(own["estimate"][place], abs=0.06)
        ends = [cell["value"] for cell in table["rows"][place]["cells"][2:4]]
        error = own["std_error"][place]
        middle = own["estimate"][place]
        assert ends == pytest.approx([middle - 2 * error, middle + 2 * error], abs=0.06)


def test_a_survey_without_a_course_has_pages_all_the_same():
    given = given_units()
    given["results"]["over_time"]["levels"] = []
    assert page_of(given)[0]["course"] == []


def test_no_page_in_public_mode_whatever_is_asked():
    given = given_units()
    taken = records(given)
    public = taken["configuration"].model_copy(
        update={
            "disclosure": taken["configuration"].disclosure.model_copy(update={"mode": "public"})
        }
    )
    rest = {key: taken[key] for key in ("analysis", "results", "survey", "provenance")}
    with pytest.raises(ConfigurationError, match="in controlled mode only"):
        list(unit_files(public, **rest))


def test_units_that_are_not_compared_are_told_of_in_the_list():
    given = given_units()
    given["results"]["effects"] = []
    files = made(given)
    assert list(files) == ["index.html"]
    assert "Schools are not compared in this analysis." in files["index.html"].decode()


def test_units_stand_in_the_order_of_their_ids():
    given = given_units()
    context = make_context(**records(given))
    names = [
        unit["name"] for unit in units_list(context, ("school",), ("html",))["levels"][0]["units"]
    ]
    assert names == [str(n) for n in range(1, 13)]


def test_pages_are_written_in_french():
    document, _unit = page_of(given_units(language="fr"), place=0)
    english, _unit = page_of(given_units(), place=0)
    for name in ("answer", "place", "meaning"):
        assert plain_text(document[name]) != plain_text(english[name])
    assert unit_pages.FORMS == ("html", "pdf")
