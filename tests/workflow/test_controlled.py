"""A report that names single people never lies in a folder to publish."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.workflow


def test_a_survey_in_controlled_mode_has_nothing_to_publish(project):
    own = project.folder / "results" / "tiny" / "math"
    assert (own / "publish" / "report.html").is_file()
    project.append("config/tiny.yaml", "disclosure: {mode: controlled}\n")
    run = project.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    assert not (own / "publish").exists() and not (own / "publish.made.json").exists()
    assert (own / "controlled" / "report.html").is_file()
    site = project.folder / "results" / "publish"
    assert [path.name for path in site.iterdir() if not path.name.startswith(".")] == ["index.html"]
    listed = (project.folder / "results" / "index.html").read_text("utf-8")
    assert "tiny/math/controlled/report.html" in listed
    assert project.planned() == []
