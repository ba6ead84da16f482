"""Jobs run in a container where `--sdm apptainer` asks for it and an image is named."""

from __future__ import annotations

import json
import os

import pytest

pytestmark = pytest.mark.workflow

STAND_IN = """\
#!/bin/sh
# what is asked of apptainer: its version, and `exec OPTIONS IMAGE bash -c COMMAND`, done here
if [ "$1" = --version ]; then echo "apptainer version 1.3.6"; exit; fi
while [ $# -gt 4 ]; do shift; done
echo "$1" >> "$IMAGES"
shift
exec "$@"
"""
COLUMNS = "results/tiny/columns.json"


@pytest.fixture
def run(finished_project, tmp_path):
    """A run, with a program in the place of apptainer, of which the images are told."""
    project = finished_project.copy(tmp_path / "project")
    folder, images = tmp_path / "bin", tmp_path / "images"
    folder.mkdir()
    (folder / "apptainer").write_text(STAND_IN)
    (folder / "apptainer").chmod(0o755)
    (project.folder / "mlm.sif").write_bytes(b"")

    def ran(*arguments: str):
        images.write_text("")
        path = os.pathsep.join([str(folder), os.environ["PATH"]])
        run = project.snakemake(COLUMNS, *arguments, PATH=path, IMAGES=str(images))
        assert run.returncode == 0, run.stdout + run.stderr
        made_by = json.loads((project.folder / "results/tiny/columns.made.json").read_text())
        return images.read_text().split(), made_by["made_by"]

    return ran


def test_every_job_runs_in_the_image_that_is_named(run):
    chosen = ("--sdm", "apptainer", "--config", "container=mlm.sif")
    images, made_by = run(*chosen)
    assert images == ["mlm.sif"] * 2  # cleaning the first wave, and the columns
    assert "container mlm.sif" in made_by
    assert run(*chosen)[0] == []


def test_an_image_is_not_used_unless_it_is_asked_for(run):
    for chosen in ((), ("--config", "container=mlm.sif"), ("--sdm", "apptainer")):
        images, made_by = run("--forcerun", "columns", *chosen)
        assert images == [] and "container" not in made_by
