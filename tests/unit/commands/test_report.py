"""The command that writes a report: what it keeps, and the analyses it is protected with."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import warnings
from pathlib import Path

import pytest

from mlm.commands.made import Making
from mlm.errors import FilesError, ResultError
from mlm.pages.document import tables_of
from tests.unit.pages.sample import inputs, records, residuals

pytestmark = pytest.mark.slow


@pytest.fixture
def given(tmp_path, monkeypatch):
    """Files of two analyses of the sample; the second uses four rows less."""
    import mlm.commands.reporting.provenance
    import mlm.configuration
    import mlm.pages.report

    found = inputs()
    analyses = found["configuration"]["analyses"]
    analyses["both"] = analyses["math"]
    other = copy.deepcopy(found["results"])
    other["analysis"] = "both"
    other["full"]["terms"].append([{"variable": "books"}])
    other["n_obs"] -= 4
    other["waves"][0]["rows"] -= 4
    other["waves"][0]["groups"][1]["n"] -= 4
    for level in other["levels"][1:]:
        level["n"] -= 4
    made = records(found)
    monkeypatch.setattr(mlm.configuration, "load_configuration", lambda path: made["configuration"])
    monkeypatch.setattr(
        mlm.commands.reporting.provenance, "provenance", lambda *given: made["provenance"]
    )
    monkeypatch.setattr(  # what is drawn and laid out is tested elsewhere
        mlm.pages.report,
        "_rendered",
        lambda document, *__: {"report.json": json.dumps(document).encode()},
    )
    files = {"survey": found["survey"], "math": found["results"], "both": other}
    paths = {}
    for name, content in files.items():
        paths[name] = tmp_path / name / "results.json"
        paths[name].parent.mkdir()
        paths[name].write_text(json.dumps(content), "utf-8")
        Making(name).record([paths[name]])
    return paths


def written(given, out, **more):
    from mlm.commands.report import report

    report(
        config=out / "sample.yaml",
        results=given["math"],
        survey=given["survey"],
        out=out,
        **{"analysis": "math", "residuals": None, "beside": None, "previous": None, **more},
    )
    kept = {
        path.stem: json.loads(path.read_text("utf-8"))
        for path in out.glob("kept/*.json")
        if path.stem != "hashes"
    }
    return json.loads((out / "publish/report.json").read_text("utf-8")), kept


def test_a_report_keeps_the_counts_that_it_shows(given, tmp_path):
    document, kept = written(given, tmp_path / "out")
    assert set(kept) == {"current"}
    names = [item["name"] for item in kept["current"]["shown"] if "rows_kept" in item["name"]]
    assert names and all('"wave"' in name for name in names)
    assert document["disclosure"]["analyses"] == []


def test_a_report_made_again_reads_the_same(given, tmp_path):
    first = written(given, tmp_path / "out")
    assert written(given, tmp_path / "out") == first


def test_other_analyses_of_the_survey_are_protected_with_it(given, tmp_path):
    math, _ = written(given, tmp_path / "math", beside=[given["both"]])
    swapped = {**given, "math": given["both"]}
    both, _ = written(swapped, tmp_path / "both", analysis="both", beside=[given["math"]])
    assert math["disclosure"]["analyses"] == ["both"]
    assert both["disclosure"]["analyses"] == ["math"]
    log = [*math["disclosure"]["log"], *both["disclosure"]["log"]]
    assert "analyses" in {entry["rule"] for entry in log}


PUBLISHED: dict[str, bytes] = {}  # files of the second report, by path: the same in each test


def publish_both(given) -> Path:
    """The folder of the second analysis with its report, which is written once."""
    folder = given["both"].parent
    if not PUBLISHED:
        swapped = {**given, "math": given["both"]}
        written(swapped, folder, analysis="both", beside=[given["math"]])
        files = (path for path in folder.rglob("*") if path.is_file())
        PUBLISHED.update({str(path.relative_to(folder)): path.read_bytes() for path in files})
    for name, content in PUBLISHED.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def told(given, tmp_path, document, **changed):
    """What stops the first report when the second lies published beside it with this document."""
    both = publish_both(given)
    path = both / "publish" / "report.json"
    path.write_text(json.dumps(document(json.loads(path.read_bytes()))), "utf-8")
    for name, content in changed.items():
        given[name].write_text(content(given[name].read_text("utf-8")), "utf-8")
        Making(name).record([given[name]])
    making = Making("report both of sample")
    making.check(
        [given["math"], given["survey"], given["both"]] if not changed else [given["both"]]
    )
    making.record([both / "publish"])
    written(given, tmp_path / "math", beside=[given["both"]])


def shown(document):
    """The document with the rows that it hides."""
    studied = next(table for table in tables_of(document) if table["id"] == "studied")
    cell = next(c for row in studied["rows"] for c in row["cells"] if c["text"] == "[c]")
    cell |= {"value": 5796}
    return document


def test_another_report_is_read_as_it_was_published(given, tmp_path):
    told(given, tmp_path, lambda document: document)
    with pytest.raises(ResultError, match="both: report.json studied-"):
        told(given, tmp_path, shown)


def test_a_report_of_other_results_is_not_read(given, tmp_path):
    told(given, tmp_path, shown, math=lambda text: text + "\n")


def test_a_report_of_other_rules_is_not_read(given, tmp_path):
    def of_less(document):
        document["disclosure"]["threshold"] = 3
        return shown(document)

    told(given, tmp_path, of_less)


def test_residuals_are_read_where_they_are_at_hand(given, tmp_path):
    path = tmp_path / "residuals.json"
    path.write_text(json.dumps(residuals()), "utf-8")
    Making("residuals").record([path])
    document, kept = written(given, tmp_path / "out", residuals=path)
    assert "Residuals of the rows" in str(document)
    assert any(item["name"].startswith("residuals#/rows") for item in kept["current"]["shown"])


def test_what_another_version_kept_is_left_out_with_the_reason(given, tmp_path):
    out = tmp_path / "out"
    first = written(given, out)
    for name in ("current", "previous"):
        (out / "kept" / f"{name}.json").write_text('{"schema": 1, "waves": ["K"]}', "utf-8")
    with pytest.warns(UserWarning, match=r"\.json was kept by another version of mlm"):
        again = written(given, out)
    assert again == first
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert written(given, out) == first


def test_a_whole_record_of_another_form_is_left_out_with_the_reason(given, tmp_path):
    out = tmp_path / "out"
    first = written(given, out)
    path = out / "kept" / "current.json"
    record = json.loads(path.read_bytes())
    del record["terms"]
    path.write_text(json.dumps(record), "utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (out / "kept" / "hashes.json").write_text(json.dumps({path.name: [digest]}), "utf-8")
    with pytest.warns(UserWarning, match=r"current\.json was kept by another version of mlm"):
        assert written(given, out) == first


DAMAGES = {
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "the last digit": lambda content: re.sub(
        rb"\d(?=\D*$)", lambda digit: b"%d" % (9 - int(digit[0])), content
    ),
}


@pytest.mark.battery(3)
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["current", "hashes"])
def test_what_was_kept_and_damaged_is_named_and_not_lost(given, tmp_path, damage, name):
    out = tmp_path / "out"
    written(given, out)
    path = out / "kept" / f"{name}.json"
    spoilt = DAMAGES[damage](path.read_bytes())
    assert spoilt != path.read_bytes()
    path.write_bytes(spoilt)
    with pytest.raises(FilesError, match="put back a copy of it from a backup"):
        written(given, out)
    assert path.read_bytes() == spoilt


def test_changed_results_are_named_and_not_read(given, tmp_path):
    content = given["math"].read_text("utf-8")
    given["math"].write_text(content.replace("1", "2", 1), "utf-8")
    with pytest.raises(FilesError, match="results.json: not what 'math' wrote"):
        written(given, tmp_path / "out")
    assert not (tmp_path / "out" / "publish").exists()


def test_a_record_that_was_asked_for_must_be_one(given, tmp_path):
    path = tmp_path / "old.json"
    path.write_text('{"schema": 1}', "utf-8")
    with pytest.raises(ResultError, match="not what this version of mlm writes"):
        written(given, tmp_path / "out", previous=path)


def test_results_of_another_version_are_refused_with_their_place(given, tmp_path):
    found = json.loads(given["math"].read_text("utf-8"))
    found["stability"] = found.pop("over_time")
    given["math"].write_text(json.dumps(found), "utf-8")
    Making("math").record([given["math"]])
    with pytest.raises(ResultError, match="stability"):
        written(given, tmp_path / "out")
