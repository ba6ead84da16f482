"""The worked examples of the documentation run and show what they say."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from mlm.nouns.design import DESIGNS
from mlm.nouns.fewest import FEWEST_RANKED
from mlm.nouns.file_formats import FORMATS
from tests.examples import ROOT

pytestmark = pytest.mark.slow

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = DOCS.parent / "config" / "README.md"
PAGES = sorted(page.name for page in DOCS.glob("*.md"))
WITH_EXAMPLES = {"inference.md"}
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def test_there_are_pages():
    assert set(PAGES) >= WITH_EXAMPLES


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
def test_examples_of_a_page_hold(name):
    pandas = pytest.importorskip("pandas")
    with pandas.option_context("display.width", 100):
        result = doctest.testfile(str(DOCS / name), module_relative=False, optionflags=FLAGS)
    assert result.failed == 0
    assert result.attempted or name not in WITH_EXAMPLES, "its examples have gone"


@pytest.mark.parametrize("name", [*DESIGNS, *FORMATS])
def test_the_guide_to_configurations_tells_of_every_design_and_format(name):
    assert f"`{name}`" in GUIDE.read_text(encoding="utf-8")


def test_the_guide_tells_from_how_many_units_on_they_are_ranked():
    told = f"fewer than {FEWEST_RANKED} units are never ranked"
    assert told in GUIDE.read_text(encoding="utf-8")


def test_contributing_names_files_and_code_that_are_there():
    text = (DOCS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = ("mlm", "workflow", "tests", "config", "docs", "reports", "benchmarks")
    paths = [path for room in rooms for path in (DOCS.parent / room).rglob("*")]
    known = {f"/{room}" for room in rooms}
    known |= {f"/{path.relative_to(DOCS.parent).as_posix()}" for path in paths}
    named = set(re.findall(r"`([\w./]+(?:\.py|\.smk|\.ya?ml|\.md|/))`", text)) - {"CHANGELOG.md"}
    assert [n for n in named if not any(k.endswith(f"/{n.strip('/')}") for k in known)] == []
    source = "".join(p.read_text("utf-8") for p in paths if p.suffix in {".py", ".smk"})
    words = set(re.findall(r"\w+", source))
    assert [n for n in re.findall(r"`([A-Za-z_]{4,})`", text) if n not in words] == []


def test_commands_of_make_that_pages_name_are_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md"):
        named = set(
            re.findall(r"^    make ([a-z]+)", (ROOT / page).read_text("utf-8"), re.MULTILINE)
        )
        assert named and named <= targets, page
