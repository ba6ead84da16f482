"""The documentation says of every file of a run what it holds and whether it may be published."""

from __future__ import annotations

import json
import re
from pathlib import PurePath

import jsonschema
import pytest

from tests.unit.pages.written_numbers import faults_of
from tests.workflow.project import ROOT

pytestmark = pytest.mark.workflow

NOT_IN_EVERY_RUN = {
    "results/*/simulated/*",
    "results/*/intake/*/*/*",
    "results/*/sums/*/*/*.npz",
    "results/*/linked/*",
    "results/*/*/residuals/*.npz",
    "results/*/completed/*.parquet",
    "results/*/completed/*.json",
    "results/*/statistics/*/imputed/*/*.npz",
    "results/*/*/imputed/*.npz",
    "results/*/*/imputed/imputations.json",
    "results/*/*/controlled/**",
    "results/*/*/units/index.html",
    "results/*/*/units/*/*.html",
    "results/*/*/units/*/*.pdf",
}


def told() -> dict[str, str]:
    """Whether each pattern of paths may be published, as the table says."""
    text = (ROOT / "docs" / "results.md").read_text("utf-8").partition("`report.json` has a")[0]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line[:3] == "| `"]
    return {
        pattern: cells[3].strip() for cells in rows for pattern in re.findall(r"`(\S+)`", cells[0])
    }


def test_the_table_names_every_path_and_none_that_no_run_writes(finished_project):
    folder = finished_project.folder
    files = [
        path.relative_to(folder)
        for top in ("results", "logs")
        for path in sorted((folder / top).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    patterns = told()
    named: dict[PurePath, list[str]] = {path: [] for path in files}
    for pattern in patterns:
        for path in folder.glob(pattern + ("/*" if pattern.endswith("**") else "")):
            named.get(path.relative_to(folder), []).append(pattern)
    assert [str(path) for path, found in named.items() if not found] == []
    matched = {pattern for found in named.values() for pattern in found}
    assert patterns.keys() - matched == NOT_IN_EVERY_RUN
    for path, found in named.items():
        may = any(patterns[pattern] != "no" for pattern in found)
        assert may == ("publish" in path.parts), path


def test_every_log_says_what_was_done(finished_project):
    logs = sorted((finished_project.folder / "logs").rglob("*.log"))
    assert len(logs) == 12
    for log in logs:
        assert log.read_text("utf-8").splitlines()[-1].startswith("Done in "), log


def test_the_report_of_a_run_holds_to_its_schema_and_rounds_its_numbers(finished_project):
    folder = finished_project.folder / "results" / "tiny" / "math" / "publish"
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads((folder / "report.json").read_text("utf-8")), schema)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in (".json", ".csv", ".html", ".xlsx")
    }
    too_fine, checked = faults_of(files)
    assert too_fine == []
    assert checked > 1_000
