"""A report that names single people never lies in a folder to publish."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.workflow


def test_a_survey_in_controlled_mode_has_nothing_to_publish(project):
    own = project.folder / "results" / "tiny" / "math"
    assert (own / "publish" / "report.html").is_file()
    project.append("config/tiny.yaml", "disclosure: {mode: controlled}\n")
    project.append("config/tiny.yaml", "publication: {unit_pages: school}\n")
    run = project.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    assert not (own / "publish").exists() and not (own / "publish.made.json").exists()
    assert (own / "controlled" / "report.html").is_file()
    pages = [path.relative_to(own / "units") for path in sorted((own / "units").rglob("*.*ml"))]
    assert len(pages) == 1 + 16
    site = project.folder / "results" / "publish"
    assert [path.name for path in site.iterdir() if not path.name.startswith(".")] == ["index.html"]
    listed = (project.folder / "results" / "index.html").read_text("utf-8")
    assert "tiny/math/controlled/report.html" in listed
    assert project.planned() == []
    project.replace("config/tiny.yaml", "{mode: controlled}", "{mode: public}")
    project.replace("config/tiny.yaml", "publication: {unit_pages: school}\n", "")
    assert project.snakemake().returncode == 0
    assert not (own / "controlled").exists() and not (own / "units").exists()
