"""Each section of the report of a sample, whatever the sample lacks."""

from __future__ import annotations

import re
from functools import cache

import pytest

from mlm.pages.drawing.canvas import Text
from mlm.pages.drawing.letters import usual_typeface
from mlm.pages.figures import draw
from mlm.pages.kinds.sampled import SECTIONS
from mlm.pages.language import using
from mlm.pages.sections.sampled.methods import REFERENCES
from mlm.pages.sections.section import Section
from mlm.pages.template_folder import template_folder
from mlm.pages.text import plain_text
from tests.unit.pages.reading import is_traced, numbers_of
from tests.unit.pages.sampled import sampled_context
from tests.unit.pages.sampled.variants import VARIANTS

pytestmark = pytest.mark.slow

FONTS = usual_typeface(template_folder() / "fonts")
NEEDED = ["standards", "variation", "variables", "units", "sample", "errors", "methods"]
ENGLISH = re.compile(
    r"\b(the|of|and|are|was|were|with|is|not|too|few|only|has|have|each|from|which|between|waves?|"
    r"rows|weights?|errors|shares?|means|schools|pupils|level|standard)\b"
)
OF_SAMPLES = {"standards", "variation", "variables", "policy", "units", "sample", "errors"}
OF_SAMPLES |= {"sensitivity", "methods"}
LABELS = ("Language of the test", "Status of the home", "the status of the home", "schools")
LABELS += ("Schools", "pupils", "Pupils", "Mathematics score", "of the test", "standard deviations")


@cache
def _sections(name: str, language: str = "en") -> dict[str, Section]:
    with using(language):
        return _sections_of(VARIANTS[name]())


def _sections_of(given: dict) -> dict[str, Section]:
    context = sampled_context(given)
    made = [make(context) for make in SECTIONS]
    return {section.id: section for section in made if section is not None}


def _words(section: Section) -> list[str]:
    """Every sentence of a section."""
    found = []
    for block in section.blocks:
        for key in ("runs", "caption", "how", "alt", "title"):
            found += [plain_text(block[key])] if block.get(key) else []
        for item in [*block.get("items", ()), *block.get("notes", ())]:
            found.append(plain_text(item))
        found += [plain_text(entry["runs"]) for entry in block.get("entries", ())]
    return found


@pytest.mark.parametrize("name", VARIANTS)
def test_every_section_is_there_and_its_numbers_lead_back(name):
    sections, given = _sections(name), VARIANTS[name]()
    assert [needed for needed in NEEDED if needed not in sections] == []
    inputs = {key: given[key] for key in ("results", "survey", "provenance")}
    for section in sections.values():
        for number in numbers_of(section.to_dict()):
            if number["source"] is not None:
                assert is_traced(number, inputs), (section.id, number)


@pytest.mark.parametrize("name", VARIANTS)
def test_no_sentence_has_a_hole(name):
    for section in _sections(name).values():
        for words in _words(section):
            assert words.strip() and "[x]" not in words and "[z]" not in words, words
            assert "  " not in words and "{" not in words and " ." not in words, words


@pytest.mark.parametrize("name", VARIANTS)
def test_names_of_blocks_are_unique(name):
    blocks = [b for section in _sections(name).values() for b in section.to_dict()["blocks"]]
    names = [(block["type"], block["id"]) for block in blocks if "id" in block]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", VARIANTS)
def test_charts_are_drawn_inside_their_canvas_on_paper_and_on_a_phone(name):
    blocks = [b for section in _sections(name).values() for b in section.blocks]
    for block in (block for block in blocks if block["type"] == "figure"):
        for is_narrow in (False, True):
            canvas = draw(block, FONTS, is_narrow)
            for text in (part for part in canvas.parts if isinstance(part, Text)):
                wide = canvas.width_of(text.words, text.size, text.weight)
                left = text.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor] * wide
                assert left >= -0.5, (block["id"], text)
                assert left + wide <= canvas.width + 0.5, (block["id"], text)


@pytest.mark.parametrize("name", VARIANTS)
def test_in_french_nothing_is_left_in_english(name):
    """Of the sections that are told of samples alone; names of the survey stay as they are."""
    for key in OF_SAMPLES & set(_sections(name)):
        section = _sections(name, "fr")[key]
        for words in _words(section):
            if words in REFERENCES:
                continue
            for label in LABELS:
                words = words.replace(label, "")
            assert not ENGLISH.search(words), words


def test_without_weights_nothing_is_called_weighted():
    sections = _sections("without weights")
    words = [w for key in ("standards", "variation", "sample") for w in _words(sections[key])]
    assert not any("weighted" in each.lower() for each in words)
    assert "sensitivity" not in sections
    assert any("no sampling weights" in each for each in words)


def test_without_draws_no_error_is_of_measurement():
    sections = _sections("without draws")
    for section in sections.values():
        for block in (block for block in section.blocks if block["type"] == "table"):
            labels = {column["label"] for column in block["columns"]}
            assert not labels & {"Measurement", "Missing information"}, block["id"]
    assert not any("Rubin, 1987)" in words for words in _words(sections["methods"])[:8])


def test_of_one_wave_no_change_is_told():
    sections = _sections("one wave")
    names = {block["id"] for block in sections["standards"].blocks if "id" in block}
    assert "means" in names and not any(
        name.endswith("moved") or name == "means-changes" for name in names
    )
    words = " ".join(_words(sections["standards"]))
    assert "since" not in words and "linking" not in words


def test_without_a_cut_no_share_at_one_is_told():
    words = " ".join(_words(_sections("without cut")["standards"]))
    assert "minimum proficiency" not in words


def test_single_units_are_named_where_the_licence_is_granted_alone():
    def tables(name):
        return {b["id"] for b in _sections(name)["units"].blocks if b["type"] == "table"}

    assert "units-school" in tables("everything") - tables("not granted")
    assert "licence-school" in tables("not granted")
    (answer,) = (_words(_sections("stored")["units"])[:1]) or [""]
    assert answer.startswith(
        "Schools are not ranked, and no effects of single schools are reported"
    )


def test_the_errors_of_a_change_add_up_to_its_own():
    """As printed: sampling, measurement and the link between scales, squared."""
    blocks = _sections("stored")["standards"].blocks
    table = next(b for b in blocks if b.get("id") == "means-changes" and b["type"] == "table")
    columns = [column["label"] for column in table["columns"]]
    cells = dict(zip(columns, table["rows"][0]["cells"], strict=True))
    parts = [cells[name]["value"] for name in ("Sampling", "Measurement", "Link of scales")]
    assert sum(part**2 for part in parts) ** 0.5 == pytest.approx(cells["SE"]["value"], abs=0.1)


def test_a_large_difference_without_weights_is_called_informative_whatever_its_sign():
    for in_se in (-2.3, 2.3):
        given = VARIANTS["stored"]()
        given["results"]["sensitivity"]["largest_unweighted"]["in_se"] = in_se
        context = sampled_context(given)
        section = next(s for make in SECTIONS if (s := make(context)) and s.id == "sensitivity")
        assert "moves by 2.30 standard errors" in _words(section)[0]
        assert "only the weighted results describe the population" in _words(section)[0]


def test_a_change_without_a_configured_link_says_what_it_leaves_out():
    words = "No linking error is configured: where the scales"
    given = VARIANTS["stored"]()
    assert words not in _words(_sections_of(given)["standards"])[0]
    for wave in given["results"]["means"]["waves"]:
        for change in (wave["change"], wave["step"]):
            if change is not None:
                change["linking_error"] = None
    assert words in _words(_sections_of(given)["standards"])[0]
    given["results"]["scores"] = []
    assert words not in _words(_sections_of(given)["standards"])[0]


def test_strata_that_are_not_named_may_be_known_by_replicates():
    given = VARIANTS["stored"]()
    sample = given["results"]["sample"]
    sample["strata"] = None
    told = " ".join(_words(_sections_of(given)["sample"]))
    assert "those of the survey are known by its replicates" in told
    sample["replicates"] = None
    told = " ".join(_words(_sections_of(given)["sample"]))
    assert "taken to be drawn from all clusters at once" in told


@pytest.mark.parametrize(("highest", "told"), [(1.004, "half a per cent"), (1.04, "1.00 to 1.04")])
def test_errors_from_refits_that_are_the_same_are_called_so(highest, told):
    given = VARIANTS["stored"]()
    given["results"]["settled"]["refitted"] |= {"lowest": 0.998, "highest": highest}
    assert told in " ".join(_words(_sections_of(given)["sample"]))


def test_no_page_says_that_weights_are_not_used():
    """They are in the files of samples alone, whose models use them."""
    blocks = _sections("stored")["data"].blocks
    table = next(b for b in blocks if b.get("id") == "weights" and b["type"] == "table")
    assert "do not use" not in str(table["notes"])
    scores = next(b for b in blocks if b.get("id") == "plausible-values")
    assert scores["rows"][0]["cells"][0]["text"] == "Mathematics score"
