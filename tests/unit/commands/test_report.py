"""The command that writes a report: what it keeps, and the analyses it is protected with."""

from __future__ import annotations

import copy
import json

import pytest

from tests.unit.pages.sample import inputs


@pytest.fixture
def given(tmp_path, monkeypatch):
    """Files of two analyses of the sample; the second uses four rows less."""
    import mlm.commands.provenance
    import mlm.configuration
    import mlm.pages.report

    found = inputs()
    found["configuration"].analyses["both"] = found["configuration"].analyses["math"]
    other = copy.deepcopy(found["results"])
    other["analysis"] = "both"
    other["full"]["terms"].append("books")
    other["n_obs"] -= 4
    other["waves"][0]["rows"] -= 4
    other["waves"][0]["groups"]["school:pupil"] -= 4
    for level in other["levels"][1:]:
        level["n"] -= 4
    monkeypatch.setattr(
        mlm.configuration, "load_configuration", lambda path: found["configuration"]
    )
    monkeypatch.setattr(mlm.commands.provenance, "provenance", lambda path: found["provenance"])
    monkeypatch.setattr(  # what is drawn and laid out is tested elsewhere
        mlm.pages.report,
        "_rendered",
        lambda document, templates: {"report.json": json.dumps(document).encode()},
    )
    files = {"survey": found["survey"], "math": found["results"], "both": other}
    paths = {}
    for name, content in files.items():
        paths[name] = tmp_path / name / "results.json"
        paths[name].parent.mkdir()
        paths[name].write_text(json.dumps(content), "utf-8")
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
    kept = {path.stem: json.loads(path.read_text("utf-8")) for path in out.glob("kept/*.json")}
    return json.loads((out / "report.json").read_text("utf-8")), kept


def test_a_report_keeps_the_counts_that_it_shows(given, tmp_path):
    document, kept = written(given, tmp_path / "out")
    assert set(kept) == {"current"}
    names = [name for name in kept["current"]["shown"] if "rows_kept" in name]
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
