"""What may be published lies in folders of its own, whole, and nothing else lies there."""

from __future__ import annotations

import csv
import io

import pytest

from mlm.commands.index import index
from mlm.commands.made import Making
from mlm.commands.reporting.publishing import write_report, write_site
from mlm.commands.writing import write_folder, write_json
from mlm.errors import FilesError, ResultError
from tests.unit.pages.reading import Page
from tests.unit.pages.sample import document_of, inputs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def documents():
    """A public report and one for inside use."""
    controlled = inputs()
    controlled["configuration"]["disclosure"] = {"mode": "controlled"}
    return {
        "public": document_of(inputs()),
        "controlled": {**document_of(controlled), "survey": "inside"},
    }


@pytest.fixture
def reports(tmp_path, documents):
    """Folders to publish of two analyses, with their records, and files beside that stay."""
    paths = {}
    for name, document in documents.items():
        own = tmp_path / document["survey"] / document["analysis"]
        write_json(own / "results.json", {"persons": name})
        folder = own / ("publish" if name == "public" else "controlled")
        write_json(folder / "report.json", document)
        for file in (
            "report.html",
            "report.pdf",
            "tables.xlsx",
            "tables/a.csv",
            "figures/a.svg",
            "brief.html",
            "brief.pdf",
            "brief.docx",
            "brief.pptx",
        ):
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(name)
        (folder / "tables" / ".snakemake_timestamp").touch()
        (folder / "tidy.csv").write_text(f"survey,analysis\r\n{name},math\r\n", newline="")
        Making(f"report of {name}").record([folder])
        paths[name] = folder / "report.json"
    return paths


def found(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def targets(path):
    page = Page(path.read_text("utf-8"))
    return [a["href"] for tag, a in page.tags if tag == "a" and not a["href"].startswith("#")]


def test_the_folder_to_publish_holds_the_last_report_and_nothing_else(tmp_path):
    files = {"report.html": b"1", "tables/a.csv": b"1", "figures/a.svg": b"1"}
    write_report(tmp_path, files, "public")
    (tmp_path / "publish" / "stray.txt").touch()
    write_report(tmp_path, {"report.html": b"2", "tables/b.csv": b"2"}, "public")
    assert found(tmp_path) == ["publish/report.html", "publish/tables/b.csv"]


FOLDERS = {"public": "publish", "controlled": "controlled"}


@pytest.mark.parametrize(("mode", "former"), [tuple(FOLDERS), tuple(reversed(FOLDERS))])
def test_a_report_lies_in_the_folder_of_its_mode_alone(tmp_path, capsys, mode, former):
    folder, other = FOLDERS[mode], FOLDERS[former]
    write_report(tmp_path, {"report.html": b"1"}, former)
    Making("report").record([tmp_path / other])
    assert found(tmp_path) == [f"{other}.made.json", f"{other}/report.html"]
    write_report(tmp_path, {"report.html": b"2"}, mode)
    assert found(tmp_path) == [f"{folder}/report.html"]
    assert f"{other}, {other}.made.json" in capsys.readouterr().out


def test_a_report_of_an_earlier_layout_and_what_a_killed_one_left_are_removed(tmp_path, capsys):
    stay = ["kept/current.json", "residuals.json", "results.json", "results.made.json"]
    former = ["report.html", "report.made.json", "tables/a.csv", ".tables-x1/a.csv"]
    for name in (*stay, *former, ".publish.unfinished-x/new/report.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("old")
    write_report(tmp_path, {"report.html": b"2", "tables/a.csv": b"2"}, "public")
    assert found(tmp_path) == sorted([*stay, "publish/report.html", "publish/tables/a.csv"])
    assert "report.html, tables, report.made.json, .tables-x1" in capsys.readouterr().out


def test_the_site_holds_the_public_reports_and_works_without_the_rest(reports, tmp_path):
    index(documents=list(reports.values()), out=tmp_path / "index.html")
    site = tmp_path / "publish"
    assert found(site) == ["index.html"] + sorted(
        f"sample/math/{name}"
        for name in (
            "report.html",
            "report.json",
            "report.pdf",
            "tables.xlsx",
            "tables/a.csv",
            "brief.html",
            "brief.pdf",
            "brief.docx",
            "brief.pptx",
            "figures/a.svg",
            "tidy.csv",
        )
    ) + ["sample/tidy.csv", "tidy.csv"]
    moved = site.rename(tmp_path / "elsewhere")
    assert targets(moved / "index.html")
    for page in (moved / "index.html", tmp_path / "index.html"):
        assert all((page.parent / target).is_file() for target in targets(page))
    assert "inside/math/controlled/report.html" in targets(tmp_path / "index.html")
    assert not any("inside" in target for target in targets(moved / "index.html"))


def test_the_site_has_one_long_table_of_each_survey_and_one_of_all(tmp_path, documents):
    given = {}
    for survey, analysis in (("a", "math"), ("a", "read"), ("b", "math")):
        own = tmp_path / survey / analysis
        document = {**documents["public"], "survey": survey, "analysis": analysis}
        text = f'survey,flag\r\n{survey},"{analysis}\n"\r\n'
        write_folder(own, {"report.json": b"{}", "tidy.csv": text.encode()})
        given[own / "report.json"] = document
    write_site(tmp_path / "site", given)
    read = {
        name: list(csv.reader(io.StringIO((tmp_path / "site" / name).read_bytes().decode())))
        for name in ("tidy.csv", "a/tidy.csv", "b/tidy.csv")
    }
    assert read["a/tidy.csv"] == [["survey", "flag"], ["a", "math\n"], ["a", "read\n"]]
    assert read["b/tidy.csv"] == [["survey", "flag"], ["b", "math\n"]]
    assert read["tidy.csv"] == [*read["a/tidy.csv"], ["b", "math\n"]]
    assert {"tidy.csv", "a/tidy.csv", "b/tidy.csv"} <= set(targets(tmp_path / "site/index.html"))


def test_a_site_that_is_written_again_loses_reports_that_have_gone(tmp_path):
    write_folder(tmp_path / "site", {"sample/math/report.html": b"1"})
    write_site(tmp_path / "site", {})
    assert found(tmp_path / "site") == ["index.html"]


def test_a_file_that_was_put_into_a_folder_to_publish_is_named(reports, tmp_path):
    (reports["public"].parent / "rows.csv").write_text("a person")
    with pytest.raises(FilesError, match=r"rows\.csv: not what 'report of public' wrote"):
        index(documents=list(reports.values()), out=tmp_path / "index.html")
    assert not (tmp_path / "publish").exists()


@pytest.mark.parametrize("words", ["<p>8731 pupils left</p>", '<text x="0">8731 left</text>'])
def test_an_index_that_says_what_no_report_says_is_not_written(tmp_path, documents, words):
    own = tmp_path / "sample" / "math"
    write_folder(own, {"report.json": b"{}", "tidy.csv": b"a\r\n"})

    def page(*given, **more):
        return f"<html><svg>{words}</svg></html>" if "<text" in words else words

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlm.pages.index.index_page", page)
        with pytest.raises(ResultError, match="8731"):
            write_site(tmp_path / "site", {own / "report.json": documents["public"]})
    assert not (tmp_path / "site").exists()
