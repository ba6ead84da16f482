"""The folder of a project as it is begun, and the call of Snakemake in it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlm.commands.project.new import new
from mlm.commands.project.run import command, snakefile_of_package
from mlm.configuration import load_configuration
from mlm.errors import SurveyError


def test_a_new_folder_holds_what_its_readme_names(tmp_path):
    folder = tmp_path / "project"
    new(folder)
    assert (folder / "data").is_dir()
    text = (folder / "README.md").read_text(encoding="utf-8")
    for name in ("config/template.txt", "mlm init", "mlm check", "mlm run"):
        assert name in text
    assert (folder / "config" / "template.txt").is_file()
    assert (folder / "config" / "schema.json").is_file()


def test_the_template_is_a_valid_configuration(tmp_path):
    new(tmp_path / "project")
    template = tmp_path / "project" / "config" / "template.txt"
    copied = template.with_name("schools.yaml")
    copied.write_bytes(template.read_bytes())
    survey = load_configuration(copied)
    assert survey.survey == "schools" and list(survey.analyses) == ["mathematics"]


def test_a_folder_that_holds_anything_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SurveyError, match="new or empty"):
        new(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_configurations_and_options_of_snakemake_are_told_apart():
    words = ["config/a.yaml", "b.yaml", "--forcerun", "clean", "--default-storage-prefix", "s3://x"]
    said = command(words, "8")
    assert said[:3] == [sys.executable, "-m", "snakemake"]
    assert said[said.index("--cores") + 1] == "8"
    assert said[-6:] == [*words[2:], "--config", 'configs=["config/a.yaml", "b.yaml"]']
    assert "--config" not in command(["--dry-run"], "all")


def test_the_snakefile_is_that_of_this_code():
    assert snakefile_of_package() == Path(__file__).parents[4] / "Snakefile"
