"""A wave of many files: taken in by several jobs, the same results, and what reruns."""

from __future__ import annotations

import json
import shutil

import pytest
from file_parts import links_waves_apart, n_sums, parts_of, reads_waves_apart

from mlm.configuration import load_configuration
from mlm.statistics.evidence.crossproducts import CrossProducts
from tests.property.equality import assert_equal
from tests.workflow.project import ROOT, Project

pytestmark = pytest.mark.workflow

FILES = [f"data/K-{i}.csv" for i in range(5)]
TARGETS = ["results/tiny/survey.json", "results/tiny/statistics/K"]
SHARED_OUT = "parts = int(_wave_mb(configuration, wave) / PART_MB)"
RESIDUALS = "results/tiny/math/residuals.json"
SUMS, SUMS_OF_K = 3, "results/tiny/statistics/K/math.npz"
TAKEN = "Take in part {} of wave K of tiny"
SUMMED = [f"Accumulate part 000{i} of wave K of tiny" for i in range(3)]
AFTER = ["Accumulate wave K of tiny", "Clean wave K of tiny", "Fix the columns of tiny", *SUMMED]


def split(project: Project, names: list[str]) -> None:
    """The rows of the first wave in some files, taken in two at a time, and summed in parts."""
    lines = (project.folder / "data/wave_K.csv").read_text("utf-8").splitlines(keepends=True)
    size = -(-len(lines[1:]) // len(names))
    for i, name in enumerate(names):
        own = lines[1:][i * size : (i + 1) * size]
        (project.folder / name).write_text(lines[0] + "".join(own), encoding="utf-8")
    project.replace("config/tiny.yaml", "files: [data/wave_K.csv]", f"files: [{', '.join(names)}]")
    project.replace("workflow/file_parts.py", "PART_FILES = 1000", "PART_FILES = 2")
    project.replace("workflow/file_parts.py", SHARED_OUT, f"parts = {SUMS}")


@pytest.fixture(scope="module")
def parted(finished_project, tmp_path_factory) -> Project:
    """The small survey with its first wave in five files, cleaned and summed."""
    project = finished_project.copy(tmp_path_factory.mktemp("parted") / "project")
    split(project, FILES)
    run = project.snakemake(*TARGETS)
    assert run.returncode == 0, run.stdout + run.stderr
    return project


def planned(project: Project) -> list[str]:
    """Jobs of a run for the sums of the first wave, but those of other waves and the links."""
    found = project.planned(*TARGETS)
    return [job for job in found if "wave 1" not in job and "Link" not in job]


def test_results_are_those_of_one_file(finished_project, parted):
    for name in ("clean/K.parquet", "columns.json"):
        own, other = (p.folder / "results" / "tiny" / name for p in (parted, finished_project))
        assert own.read_bytes() == other.read_bytes(), name
    own, other = (
        json.loads((p.folder / "results/tiny/clean/K.json").read_text("utf-8"))
        for p in (parted, finished_project)
    )
    assert [file["file"] for file in own["files"]] == FILES
    of_files = ("files", "id_forms")
    assert {k: v for k, v in own.items() if k not in of_files} == {
        k: v for k, v in other.items() if k not in of_files
    }
    for stage in ("intake", "sums"):
        made = sorted(path.name for path in (parted.folder / f"results/tiny/{stage}/K").iterdir())
        assert [name for name in made if "." not in name] == ["0000", "0001", "0002"]
    assert_equal(*(CrossProducts.load(p.folder / SUMS_OF_K) for p in (parted, finished_project)))


def test_sums_of_a_part_that_are_lost_are_made_again_alone(parted, tmp_path):
    project = parted.copy(tmp_path / "project")
    shutil.rmtree(project.folder / "results/tiny/sums/K/0001")
    assert planned(project) == sorted(["Accumulate wave K of tiny", SUMMED[1]])


def test_a_second_run_finds_nothing_to_do(parted):
    assert planned(parted) == []


def test_a_changed_file_is_taken_in_again_with_those_of_its_part(parted, tmp_path):
    project = parted.copy(tmp_path / "project")
    path = project.folder / FILES[2]
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")
    assert planned(project) == sorted([TAKEN.format("0001"), *AFTER])


def test_a_new_file_lets_other_parts_stay(parted, tmp_path):
    project = parted.copy(tmp_path / "project")
    lines = (project.folder / FILES[4]).read_text("utf-8").splitlines(keepends=True)
    half = len(lines) // 2
    (project.folder / FILES[4]).write_text("".join(lines[:half]), encoding="utf-8")
    new = "data/K-5.csv"
    (project.folder / new).write_text("".join([lines[0], *lines[half:]]), encoding="utf-8")
    project.replace("config/tiny.yaml", FILES[4], f"{FILES[4]}, {new}")
    assert planned(project) == sorted([TAKEN.format("0002"), *AFTER])
    run = project.snakemake(TARGETS[1])
    assert run.returncode == 0, run.stdout + run.stderr
    own, other = (p.folder / "results/tiny/clean/K.parquet" for p in (project, parted))
    assert own.read_bytes() == other.read_bytes()


def test_a_fault_in_one_file_is_told_with_file_line_and_column(parted, tmp_path):
    project = parted.copy(tmp_path / "project")
    path = project.folder / FILES[3]
    lines = path.read_text("utf-8").splitlines()
    column = lines[0].split(",").index("math")
    cells = lines[6].split(",")
    cells[column] = "99999"
    lines[6] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = project.snakemake(*TARGETS)
    assert run.returncode == 2
    told = " ".join((run.stdout + run.stderr).split())
    assert "math: 1 cell outside the range 200 to 900 (data/K-3.csv line 7)" in told


def test_files_are_put_together_by_size_and_number(tmp_path, monkeypatch):
    config = load_configuration(ROOT / "tests/workflow/tiny.yaml")
    names = [f"{i}.csv" for i in range(7)]
    waves = [w.model_copy(update={"files": tuple(names)}) for w in config.waves]
    survey = config.model_copy(update={"waves": tuple(waves)})
    survey = survey.with_files(["K"], [tmp_path / name for name in names])
    for name, size in zip(names, (5, 5, 1, 1, 1, 1, 20), strict=True):
        (tmp_path / name).write_bytes(b"x" * size * 1000)
    monkeypatch.setattr("file_parts.PART_MB", 0.01)
    monkeypatch.setattr("file_parts.PART_FILES", 3)
    assert parts_of(survey, "K") == [range(0, 2), range(2, 5), range(5, 6), range(6, 7)]
    monkeypatch.setattr("file_parts.PART_MB", 1.0)
    monkeypatch.setattr("file_parts.PART_FILES", 1000)
    assert parts_of(survey, "K") == []
    monkeypatch.setattr("file_parts.WHOLE_MB", 0.03)
    assert parts_of(survey, "K") == [range(0, 7)]
    assert [n_sums(survey, "K") for survey in (config, survey)] == [0, 0]
    monkeypatch.setattr("file_parts.PART_MB", 0.01)
    assert n_sums(survey, "K") == 3
    assert reads_waves_apart(survey) and not reads_waves_apart(config)
    assert not reads_waves_apart(survey.model_copy(update={"waves": survey.waves[:1]}))
    monkeypatch.setattr("file_parts.PART_MB", 0.018)
    assert not reads_waves_apart(survey)


@pytest.fixture(scope="module")
def read_apart(finished_project, tmp_path_factory) -> Project:
    """The small survey, each wave of which is read by a job of its own for residuals."""
    project = finished_project.copy(tmp_path_factory.mktemp("apart") / "project")
    project.replace("workflow/file_parts.py", ">= 2 * PART_MB", ">= 0")
    run = project.snakemake(RESIDUALS)
    assert run.returncode == 0, run.stdout + run.stderr
    return project


def test_waves_that_are_read_apart_give_the_residuals_of_all(finished_project, read_apart):
    own, other = (
        json.loads((p.folder / RESIDUALS).read_text("utf-8"))
        for p in (read_apart, finished_project)
    )
    assert own["histogram"] == other["histogram"] and own["rows"] == other["rows"]
    assert len(own["waves"]) == len(other["waves"]) > 1
    for mine, its in zip(own["waves"], other["waves"], strict=True):
        assert (
            mine == pytest.approx(its, rel=1e-9)
            if "scores" not in mine
            else mine["rows"] == its["rows"]
        )
    made = (read_apart.folder / RESIDUALS).with_suffix("")
    assert sorted(path.name for path in made.glob("*.npz")) == ["1.npz", "K.npz"]


def test_a_wave_whose_sums_are_lost_is_read_again_alone(read_apart, tmp_path):
    project = read_apart.copy(tmp_path / "project")
    assert project.planned(RESIDUALS) == []
    (project.folder / RESIDUALS).with_suffix("").joinpath("K.npz").unlink()
    assert project.planned(RESIDUALS) == [
        "Residuals of math in wave K of tiny",
        "Residuals of math of tiny",
    ]


SURVEY = "results/tiny/survey.json"


def with_new_pupils(project: Project) -> None:
    """The small survey with other pupils in each wave, and in a third one that is not declared."""
    for name, source, first in (("K", "K", "1"), ("1", "1", "2"), ("2", "1", "3")):
        lines = (project.folder / f"data/wave_{source}.csv").read_text("utf-8").splitlines()
        text = "\n".join([lines[0], *(first + line for line in lines[1:])]) + "\n"
        (project.folder / f"data/new_{name}.csv").write_text(text, encoding="utf-8")
    for name in ("K", "1"):
        (project.folder / f"data/new_{name}.csv").rename(project.folder / f"data/wave_{name}.csv")
    project.replace("config/tiny.yaml", "design: same_pupils", "design: same_schools")


@pytest.fixture(scope="module")
def linked_apart(finished_project, tmp_path_factory) -> tuple[Project, bytes]:
    """The small survey with new pupils, its waves read one by one; and how they are linked in one.

    The first wave lies in five files.
    """
    project = finished_project.copy(tmp_path_factory.mktemp("linked") / "project")
    with_new_pupils(project)
    found = []
    for is_apart in (False, True):
        if is_apart:
            split(project, FILES)
            project.replace("workflow/file_parts.py", ">= 2 * PART_MB", ">= 0")
        run = project.snakemake(SURVEY)
        assert run.returncode == 0, run.stdout + run.stderr
        found.append(project.folder.joinpath(SURVEY).read_bytes())
    return project, found[0]


def test_waves_that_are_read_apart_are_linked_as_those_read_together(linked_apart):
    project, expected = linked_apart
    found = project.folder.joinpath(SURVEY).read_bytes()
    without = [{**json.loads(text), "waves": None} for text in (found, expected)]  # files of waves
    assert without[0] == without[1]
    made = project.folder / "results/tiny/linked"
    assert sorted(path.name for path in made.iterdir() if path.is_dir()) == ["1", "K"]
    assert (made / "K" / "ids.arrow").is_file()
    rows = [project.folder / f"results/tiny/clean/{wave}.parquet" for wave in ("K", "1")]
    ledgers = [f"--ledger={path.with_suffix('.json')}" for path in rows]
    again = project.folder / "again.json"
    run = project.mlm("link", *ledgers, "--out", str(again), "config/tiny.yaml", *map(str, rows))
    assert run.returncode == 0, run.stderr
    assert again.read_bytes() == found


def test_of_a_new_wave_alone_rows_are_read_for_links(linked_apart, tmp_path):
    project = linked_apart[0].copy(tmp_path / "project")
    assert project.planned(SURVEY) == []
    last = '  - {name: "1", label: Grade 1, time: 1, files: [data/wave_1.csv]}\n'
    new = '  - {name: "2", label: Grade 2, time: 2, files: [data/new_2.csv]}\n'
    project.replace("config/tiny.yaml", last, last + new)
    assert project.planned(SURVEY) == [
        "Clean wave 2 of tiny",
        "Link the waves of tiny",
        "Read wave 2 of tiny for its links",
    ]


def test_waves_of_followed_pupils_are_linked_by_one_job(tmp_path, monkeypatch):
    monkeypatch.setattr("file_parts.PART_MB", 0.0)
    config = load_configuration(ROOT / "tests/workflow/tiny.yaml")
    assert reads_waves_apart(config) and not links_waves_apart(config)
