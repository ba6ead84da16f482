"""A lowest level without ids goes through the whole chain to the report, in each design."""

from __future__ import annotations

import json

import pytest

DESIGNS = ("cross_section", "same_schools", "new_schools")
ID = "{name: pupil, id: pupil, plural: pupils}"


def configured(text: str, design: str, lowest: str) -> str:
    """The small survey in a design, with a lowest level of its own."""
    text = text.replace("design: same_pupils", f"design: {design}").replace(ID, lowest)
    if design == "cross_section":
        lines = text.splitlines(keepends=True)
        gone = ("time: {", '  - {name: "1"', "    time_interactions")
        text = "".join(line for line in lines if not line.startswith(gone))
    return text


@pytest.mark.study
def test_the_whole_chain_runs_without_ids(fresh_project):
    project = fresh_project
    text = project.config.read_text(encoding="utf-8")
    project.config.unlink()
    for design in DESIGNS:
        for kind, lowest in (("ids", ID), ("rows", "{name: pupil, plural: pupils}")):
            survey = f"{design}_{kind}"
            own = configured(text, design, lowest).replace("survey: tiny", f"survey: {survey}")
            path = project.folder / "config" / f"{survey}.yaml"
            path.write_text(own, encoding="utf-8")
    run = project.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    for design in DESIGNS:
        found = [_estimates(project, f"{design}_{kind}") for kind in ("ids", "rows")]
        assert found[0] == pytest.approx(found[1], rel=1e-6)
        assert (
            project.folder / "results" / f"{design}_rows" / "math" / "publish" / "report.html"
        ).exists()


def _estimates(project, survey: str) -> list[float]:
    """Estimates of the full model, with their standard errors."""
    path = project.folder / "results" / survey / "math" / "results.json"
    fit = json.loads(path.read_text(encoding="utf-8"))["full"]["reml"]
    return [number for c in fit["fixed"] for number in (c["estimate"], c["std_error"])]
