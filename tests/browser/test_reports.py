"""Reports in a browser: accessible, light and dark, narrow and wide, without any request."""

import json
import re
from pathlib import Path

import pytest

from mlm.pages.index import index_page
from mlm.pages.unit_pages.files import unit_files
from tests.browser.browser import axe, browser, faults, why_not
from tests.unit.configuration.style.pictures import picture
from tests.unit.pages.hostile import hostile
from tests.unit.pages.sample import (
    everything,
    files_of,
    files_of_records,
    inputs,
    records,
    residuals,
)
from tests.unit.pages.sampled import sampled_inputs, sampled_records

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(why_not() is not None, reason=str(why_not())),
]
needs_axe = pytest.mark.skipif(
    axe() is None, reason="the package axe-playwright-python is not installed"
)
ROOT = Path(__file__).parents[2]
MADE = sorted(
    path
    for name in ("report", "brief")
    for path in (ROOT / "results").glob(f"*/*/publish/{name}.html")
)
WIDTHS = (320, 1280)
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def chromium():
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Reports (public with every part, controlled, refused licence, of a sample), their index."""
    folder = tmp_path_factory.mktemp("reports")
    public = everything()
    public["residuals"] = residuals()
    variants = {"public": public, "controlled": inputs(), "refused": inputs()}
    variants["controlled"]["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    effect = variants["refused"]["results"]["effects"][0]
    effect["licence"]["granted"] = False
    effect["licence"]["checks"][2].update(value=0.41, passed=False)
    variants["styled"] = in_house_style(folder)
    variants["sampled"] = sampled_inputs()
    documents = {}
    for name, given in variants.items():
        made = files_of_records(sampled_records(given)) if name == "sampled" else files_of(given)
        for path, content in made.items():
            target = folder / "sample" / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        text = (folder / "sample" / name / "report.json").read_text("utf-8")
        documents[folder / "sample" / name / "report.json"] = json.loads(text)
    (folder / "index.html").write_text(index_page(documents, folder), "utf-8")
    write_unit_pages(folder)
    return folder


def in_house_style(folder):
    """A report in a house style: a green accent, a logo, a footer, another font."""
    (folder / "logo.svg").write_bytes(picture("SVG", 300, 90))
    given = everything()
    colours = {"accent": "#006b3f", "series": ["#006b3f", "#b5651d", "#5b2a86", "#c8102e"]}
    style = {"logo": str(folder / "logo.svg"), "colours": colours, "font": "DejaVu Serif"}
    given["configuration"]["publication"] = {"style": style | {"footer": "Ministry"}}
    return given


def write_unit_pages(folder):
    """Pages of three units, in the house style, and their list."""
    taken = records(in_house_style(folder))
    configuration = taken["configuration"]
    disclosure = configuration.disclosure.model_copy(update={"mode": "controlled"})
    publication = configuration.publication.model_copy(update={"unit_pages": ("school",)})
    update = {"disclosure": disclosure, "publication": publication}
    effects = taken["results"].effects[0]
    fewer = (effects.model_copy(update={"units": effects.units[:3]}),)
    given = {
        "configuration": configuration.model_copy(update=update),
        "results": taken["results"].model_copy(update={"effects": fewer}),
    }
    rest = {name: taken[name] for name in ("analysis", "survey", "provenance")}
    for name, content in unit_files(**given, **rest):
        target = folder / "units" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def sample_page(folder):
    return folder / "sample" / "public" / "report.html"


def sample_pages(folder, width, scheme):
    """The page with every part in every view, the others once narrow and once wide."""
    reports = [*sorted(folder.glob("sample/*/report.html"))]
    briefs = [*sorted(folder.glob("sample/*/brief.html"))]
    units = [folder / "units" / "index.html", folder / "units" / "school" / "2.html"]
    pages = [folder / "index.html", *reports, *briefs, *units]
    both = (width, scheme) in ((320, "dark"), (1280, "light"))
    return pages if both else [sample_page(folder)]


@pytest.fixture(params=[(w, s) for w in WIDTHS for s in SCHEMES], ids=lambda p: f"{p[0]}-{p[1]}")
def looks(request):
    return request.param


@pytest.fixture
def view(looks, chromium):
    width, scheme = looks
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def opened(page, path):
    """Open a page; the addresses it asked for beside itself."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    return [url for url in asked if url != path.as_uri() and not url.startswith("data:")]


# charts of which another than one drawing is shown, that stand out of their figure, or whose words
# are cut or too small to read
MISFITS = """() => [...document.querySelectorAll('figure')].map(figure => {
  const drawn = [...figure.querySelectorAll('svg')];
  const shown = drawn.filter(svg => getComputedStyle(svg).display !== 'none');
  if (shown.length !== 1) return `${figure.id}: ${shown.length} drawings`;
  const box = shown[0].getBoundingClientRect();
  const home = figure.getBoundingClientRect();
  const right = Math.min(home.right, innerWidth);
  if (box.left < home.left - 1 || box.right > right + 1) return `${figure.id}: too wide`;
  for (const text of shown[0].querySelectorAll('text')) {
    const words = text.getBoundingClientRect();
    const inside = words.left >= box.left - 2 && words.right <= box.right + 2
      && words.top >= box.top - 2 && words.bottom <= box.bottom + 2;
    if (!inside) return `${figure.id}: cut: ${text.textContent}`;
    if (words.height < 9) return `${figure.id}: small: ${text.textContent}`;
  }
  return '';
}).filter(Boolean)"""


@pytest.mark.parametrize("width", [320, 390, 600, 601, 1280])
def test_no_chart_is_wider_than_the_screen_or_cut(chromium, written, width):
    page = chromium.new_page(viewport={"width": width, "height": 800})
    opened(page, sample_page(written))
    assert page.locator("figure").count() > 8
    assert page.evaluate(MISFITS) == []
    page.close()


# tables that a reader of a phone must scroll sideways
SCROLLED = """() => [...document.querySelectorAll('.table')]
  .filter(t => t.querySelector('.scroll').scrollWidth > t.querySelector('.scroll').clientWidth + 1)
  .map(t => t.id)"""


@pytest.mark.parametrize("width", [320, 390])
def test_tables_fit_a_phone_and_all_columns_can_be_asked_for(chromium, written, width):
    page = chromium.new_page(viewport={"width": width, "height": 800})
    opened(page, sample_page(written))
    assert page.evaluate(SCROLLED) == []
    whole = page.locator(".table:has(.whole)").first
    hidden = whole.locator(".extra").first
    assert not hidden.is_visible()
    whole.locator("input").check()
    assert hidden.is_visible()
    assert not page.locator(".unfolded").is_visible()
    assert not page.locator(".folded a").first.is_visible()
    page.locator(".folded summary").click()
    assert page.locator(".folded a").first.is_visible()
    page.close()


# tables whose first column does not stay when they are scrolled, lets others shine through, or
# leaves them no room
SLIPS = """() => [...document.querySelectorAll('.scroll')].flatMap(box => {
  box.scrollLeft = 9999;
  const home = box.getBoundingClientRect();
  const heads = box.querySelectorAll('tbody th[scope=row], thead tr:last-child th:first-child');
  const paper = getComputedStyle(document.body).backgroundColor;
  return [...heads].map(head => {
    const place = head.getBoundingClientRect();
    const name = `${box.closest('.table').id}: ${head.textContent}`;
    if (Math.abs(place.left - home.left) > 1) return `${name}: slips`;
    if (getComputedStyle(head).backgroundColor !== paper) return `${name}: shines through`;
    if (box.scrollLeft > 0 && place.width > 0.6 * home.width) return `${name}: too wide`;
    const middle = [place.left + place.width / 2, place.top + place.height / 2];
    if (middle[1] < 0 || middle[1] > innerHeight) return '';
    return head.contains(document.elementFromPoint(...middle)) ? '' : `${name}: covered`;
  }).filter(Boolean);
})"""


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_first_column_stays_when_a_table_is_scrolled(chromium, written, width, scheme):
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    opened(page, sample_page(written))
    page.evaluate("document.querySelectorAll('.whole input').forEach(box => box.checked = true)")
    scrolled = page.evaluate(
        "[...document.querySelectorAll('.scroll')]"
        ".filter(e => e.scrollWidth > e.clientWidth).length"
    )
    assert scrolled > 10
    assert page.evaluate(SLIPS) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.close()


def test_each_table_and_figure_has_a_number_that_leads_to_it(chromium, written):
    page = chromium.new_page()
    opened(page, sample_page(written))
    labels = page.eval_on_selector_all("a.label", "all => all.map(a => [a.textContent, a.hash])")
    for word, found in (("Table", "table"), ("Figure", "figure")):
        own = [text for text, _ in labels if text.startswith(word)]
        assert own == [f"{word} {n + 1}" for n in range(page.locator(found).count())]
    assert all(page.locator(target).count() == 1 for _, target in labels)
    link = page.locator("a.label").first
    link.focus()
    assert "underline" in link.evaluate("a => getComputedStyle(a).textDecorationLine")
    page.close()


def test_findings_and_headings_have_links_to_themselves_that_a_keyboard_reaches(chromium, written):
    page = chromium.new_page()
    opened(page, sample_page(written))
    targets = page.eval_on_selector_all("a.anchor", "all => all.map(a => a.hash)")
    assert len(targets) == len(set(targets)) > 30
    assert all(page.locator(target).count() == 1 for target in targets)
    sign = "a => getComputedStyle(a, '::after').opacity"
    for place in ("#findings .messages a.anchor", "h3 a.anchor"):
        link = page.locator(place).first
        assert link.evaluate(sign) == "0"
        link.focus()
        assert link.evaluate(sign) == "1"
    leading = page.eval_on_selector_all(".contents li li a", "all => all.map(a => a.hash)")
    assert (
        leading
        == page.eval_on_selector_all("main section[id] h3", "all => all.map(h => '#' + h.id)")[
            -len(leading) :
        ]
    )
    page.close()


def test_the_statistic_of_a_test_stands_on_one_line_with_its_value(chromium, written):
    page = chromium.new_page()
    opened(page, sample_page(written))
    text = page.locator("main").inner_text()
    assert "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}" in text
    assert not re.search(r"\b[Fpχ]²? = \d", text)
    page.close()


def check(page, path):
    assert opened(page, path) == []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"
    assert faults(page) == []


@needs_axe
def test_reports_of_the_sample_are_accessible_and_fit(view, looks, written):
    for path in sample_pages(written, *looks):
        check(view, path)


@needs_axe
@pytest.mark.skipif(not MADE, reason="no report was made: run snakemake first")
@pytest.mark.parametrize(
    "path", [*MADE, ROOT / "results/index.html", ROOT / "results/publish/index.html"], ids=str
)
def test_reports_of_the_surveys_are_accessible_and_fit(view, path):
    check(view, path)


@needs_axe
def test_the_whole_of_a_report_is_accessible(chromium, written):
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    opened(page, sample_page(written))
    assert faults(page, whole=True) == []
    page.close()


def test_a_page_can_be_read_without_script(chromium, written):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(sample_page(written).as_uri())
    assert page.locator("h1").inner_text() == "Mathematics score"
    assert page.locator("svg.chart").count() > 8
    context.close()


def test_the_keyboard_reaches_the_findings_first(chromium, written):
    page = chromium.new_page()
    page.goto(sample_page(written).as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def test_every_scrolling_part_can_be_scrolled_by_keyboard(chromium, written):
    page = chromium.new_page(viewport={"width": 320, "height": 800})
    page.goto(sample_page(written).as_uri())
    unreachable = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1"
        " && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0).length"
    )
    assert unreachable == 0
    page.close()


def test_no_number_is_broken_over_two_lines(chromium, written):
    page = chromium.new_page(viewport={"width": 320, "height": 800})
    page.goto(sample_page(written).as_uri())
    broken = page.evaluate(
        "[...document.querySelectorAll('data')].filter(e => e.getClientRects().length > 1).length"
    )
    assert broken == 0
    page.close()


@pytest.mark.parametrize("number", [0, 1])
def test_hostile_labels_do_nothing_and_read_correctly(chromium, tmp_path, number):
    given, labels = hostile(number)
    (tmp_path / "report.html").write_bytes(files_of(given)["report.html"])
    page = chromium.new_page()
    happened = []
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: happened.append(str(error)))
    assert opened(page, tmp_path / "report.html") == []
    assert happened == []
    assert page.evaluate("document.scripts.length") == 0
    shown = " ".join(page.evaluate("document.body.textContent").split())
    for label in labels:
        assert " ".join(label.split()) in shown
    assert page.evaluate("document.querySelectorAll('svg text').length") > 20
    page.close()
