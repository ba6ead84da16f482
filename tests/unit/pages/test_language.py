"""Languages: every text has a translation that fits, and a French report has no English left."""

import json
import re
from string import Formatter

import pytest

from mlm.errors import ResultError
from mlm.pages.catalogues import TEMPLATE, template, texts_in_source, untranslated, updated
from mlm.pages.document import figures_of
from mlm.pages.language import TEXTS, known_languages, language, using
from mlm.pages.rounding import render
from mlm.pages.text import plain_text, say, strong
from mlm.results.reason import Reason
from tests.unit.pages.reading import Page, is_traced, numbers_of, strings_of
from tests.unit.pages.sample import WAVES, document_of, files_of, inputs, sources
from tests.unit.results.made import instances, kinds

pytestmark = pytest.mark.slow

CATALOGUES = sorted(TEXTS.glob("*.po"))
ENGLISH = re.compile(
    r"\b(the|of|and|are|was|were|with|which|that|this|each|from|between|within|not|has|have|its|"
    r"rows|model|wave|waves|is|by|in|to|table|chart|share|mean|effect of)\b",
    re.IGNORECASE,
)
LETTERS_ALONE = {"K", "1", "2"}
NAMES = {"kindergarten": "Maternelle", "grade 1": "CP", "grade 2": "CE1"}


def french():
    """The sample with labels in French."""
    given = inputs()
    made = given["configuration"]
    made["language"] = "fr"
    made["title"] = "Étude d'exemple sur la taille des classes"
    made["description"] = "Élèves de quatre-vingts écoles, répartis au hasard."
    made["source"] = "Inventé pour les tests."
    made["levels"][0] |= {"label": "école", "plural": "écoles"}
    made["levels"][1] |= {"label": "élève", "plural": "élèves"}
    made["time"]["label"] = "Classe"
    for wave, (_, label) in zip(made["waves"], WAVES, strict=True):
        wave["label"] = NAMES[label.lower()]
    book = made["variables"]
    book["math"] |= {"label": "Score de mathématiques", "unit": "points d'échelle"}
    book["class_type"]["label"] = "Type de classe"
    book["class_type"]["categories"] = {"reg": "Classe ordinaire", "small": "Petite classe"}
    book["ses"]["label"] = "Cantine gratuite"
    book["ses"]["categories"] = {"F": "Gratuite", "N": "Payante"}
    book["experience"] |= {"label": "Expérience de l'enseignant", "unit": "années"}
    for wave in given["survey"]["waves"]:
        for item in wave["missing"]:
            item["reason"] = {"kind": "declared", "meaning": "motif indiqué"}
    return given


@pytest.fixture(scope="module")
def files():
    return files_of(french(), painted=["pdf.report_pdf"])


def test_there_are_catalogues():
    assert known_languages() == sorted(["en", *(path.stem for path in CATALOGUES)])
    assert "fr" in known_languages()


def test_the_english_template_is_up_to_date():
    assert (TEXTS / TEMPLATE).read_bytes() == template()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_text_is_translated(path):
    assert untranslated(path) == []
    assert path.read_bytes() == updated(path)


def names(text):
    return {name for _, name, *_ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_translations_have_the_same_gaps(path):
    known = language(path.stem)
    for text in texts_in_source():
        if isinstance(text, str):
            assert names(known.texts[text]) == names(text), text
        else:
            assert names(text[0]) <= names(text[1]), text
            for form in known.plurals[text[1]]:
                assert names(text[0]) <= names(form) <= names(text[1]), text


def test_every_text_that_the_code_shows_is_in_the_catalogues():
    shown = set(texts_in_source())
    with using("fr"):
        document = document_of(french())
    sections = {section["title"] for section in document["sections"]}
    english = {section["title"] for section in document_of(inputs())["sections"]}
    assert english <= shown
    assert not sections & english - {"Diagnostics"}  # the same word in both languages


def words_of(document):
    """Every text of a document but code, software and files."""
    for section in document["sections"]:
        if section["id"] == "reproducibility":
            continue
        for block in section["blocks"]:
            if block["type"] != "code":
                yield from strings_of({k: v for k, v in block.items() if k != "sources"})
    yield from strings_of(document["findings"])


def plain(document):
    """Texts that are sentences or labels: no identifier, no source, no name of a style."""
    for text in words_of(json.loads(document)):
        is_name = re.fullmatch(r"[\w.#/:\[\]()^*~ -]*[_#/\[\]:-][\w.#/:\[\]()^*~ -]*", text)
        if not is_name and " " in text:
            yield text


def test_a_french_report_has_no_english_sentence(files):
    for text in plain(files["report.json"]):
        bare = re.sub(r"math ~.*", "", text)
        assert not ENGLISH.search(bare), text


def test_french_charts_have_no_english_word(files):
    for name, content in files.items():
        if name.endswith(".svg"):
            for text in re.findall(r"<text[^>]*>([^<]*)</text>", content.decode()):
                assert not ENGLISH.search(text), (name, text)


def test_the_page_says_its_language(files):
    page = Page(files["report.html"].decode())
    assert dict(page.tags)["html"]["lang"] == "fr"
    assert b"/Lang (fr)" in files["report.pdf"] or b"/Lang" in files["report.pdf"]
    assert "Sommaire" in page.text
    assert "Contents" not in page.text


def test_numbers_are_written_the_french_way(files):
    document = json.loads(files["report.json"])
    for found in numbers_of(document):
        assert "." not in found["text"], found
        with using("fr"):
            assert render(found["value"], found["decimals"], found["style"]) == found["text"]
    shown = [n["text"] for n in numbers_of(document) if n["style"] == "count" and n["value"] > 999]
    assert shown
    assert all("\u202f" in text for text in shown)


def test_numbers_keep_their_values_and_sources():
    given = french()
    document = document_of(given)
    known = sources(given) | {"disclosure": document["disclosure"]}
    for found in numbers_of(document):
        assert is_traced(found, known)


def test_charts_have_decimal_commas(files):
    page = files["report.html"].decode()
    svg = page[page.index('<figure id="shares-chart">') :].partition("</figure>")[0]
    numbers = re.findall(r"<text[^>]*>(\d+[.,]\d)</text>", svg)
    assert numbers
    assert all("," in number for number in numbers)


def test_data_files_stay_readable_by_machines(files):
    rows = files["figures/shares-chart.csv"].decode().splitlines()
    assert "." in rows[1].split(",")[3]


def test_the_language_does_not_outlast_a_report():
    report = document_of(french())
    assert report["language"] == "fr"
    assert render(1234.5, 1, "number") == "1,234.5"


def test_an_unknown_language_is_refused():
    given = inputs()
    given["configuration"]["language"] = "tlh"
    with pytest.raises(ResultError, match="known: en, fr"):
        document_of(given)


def test_figures_exist_in_both_languages():
    kinds = [figure["kind"] for figure in figures_of(document_of(french()))]
    assert kinds == [figure["kind"] for figure in figures_of(document_of(inputs()))]


@pytest.mark.parametrize(
    ("code", "unit", "one"),
    [
        ("en", "standard deviations", "standard deviation"),
        ("en", "points", "point"),
        ("fr", "écarts types", "écart type"),
        ("fr", "écarts-types", "écart-type"),
        ("fr", "points", "point"),
    ],
)
def test_one_of_a_unit_follows_the_language(code, unit, one):
    from mlm.pages.labels import singular

    with using(code):
        assert singular(unit) == one


def test_no_reason_is_told_in_english_in_a_french_report():
    """Every reason a slope may be refused for, in a public report."""
    given = french()
    level = given["results"]["levels"][0]["level"]
    for kind in kinds(Reason):
        for reason in instances(kind):
            refused = {"kind": "refused", "variable": "experience", "level": level}
            given["results"]["slopes"].append(refused | {"reason": reason.model_dump(mode="json")})
    document = document_of(given)
    text = json.dumps(document, ensure_ascii=False)
    assert "il en faut" in text and "n’a pas pu" in text
    for found in plain(text):
        assert not ENGLISH.search(re.sub(r"math ~.*", "", found)), found


@pytest.mark.parametrize(
    ("template", "word", "said"),
    [
        ("le nombre de {word}", "écoles", "le nombre d’écoles"),
        ("le nombre de {word}", "classes", "le nombre de classes"),
        ("plus que {word}", "Île-de-France", "plus qu’Île-de-France"),
        ("avec {word}", "élèves", "avec élèves"),
        ("un code {word}", "A", "un code A"),
        ("(de {word})", "Orléans", "(d’Orléans)"),
    ],
)
def test_words_lose_their_vowel_before_one_in_french(template, word, said):
    with using("fr"):
        assert plain_text(say(template, word=word)) == said
        bold = say(template, word=strong(word))
    assert plain_text(bold) == said and bold[1] == strong(word)[0]
    assert plain_text(say(template, word=word)) == template.format(word=word), "not in English"
