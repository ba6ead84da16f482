"""Bad input ends with a plain message and exit code 2, in a command and in a run of snakemake."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.workflow


def _lose_a_file(project):
    (project.folder / "data" / "wave_1.csv").unlink()


def _rename_a_column(project):
    project.replace("data/wave_1.csv", "math", "maths")


def _repeat_a_pupil(project):
    path = project.folder / "data" / "wave_1.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, lines[5]]))


def _misspell_a_key(project):
    project.replace("config/tiny.yaml", "reference: reg", "referense: reg")


def _level_the_outcome(project):
    path = project.folder / "data" / "wave_1.csv"
    lines = path.read_text().splitlines()
    place = lines[0].split(",").index("math")
    cells = [line.split(",") for line in lines]
    for row in cells[1:]:
        row[place] = "500"
    path.write_text("".join(",".join(row) + "\n" for row in cells))


# what is done to the survey, and words that the message must hold: where it is, and what to do
FAULTS = {
    "missing file": (_lose_a_file, ["wave 1", "wave_1.csv"]),
    "missing column": (_rename_a_column, ["wave 1", "wave_1.csv", "'math'", "maths"]),
    "duplicated pupil": (_repeat_a_pupil, ["wave 1", "wave_1.csv", "pupil", "remove"]),
    "unknown key": (_misspell_a_key, ["tiny.yaml", "referense", "reference"]),
    "constant outcome": (_level_the_outcome, ["wave 1", "math", "same value"]),
}


@pytest.mark.parametrize("case", FAULTS)
def test_check_names_the_fault_without_a_traceback(fresh_project, case):
    spoil, words = FAULTS[case]
    spoil(fresh_project)
    run = fresh_project.mlm("check", "config/tiny.yaml")
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert [word for word in words if word not in run.stderr] == []
    assert not (fresh_project.folder / "results").exists()


@pytest.mark.parametrize("case", FAULTS)
def test_snakemake_ends_with_the_message_and_exit_code_2(fresh_project, case):
    spoil, words = FAULTS[case]
    spoil(fresh_project)
    run = fresh_project.snakemake("--until", "clean")
    assert run.returncode == 2
    assert "Traceback" not in run.stdout + run.stderr
    last_words = run.stderr[-1500:]
    assert [word for word in words if word not in last_words] == []


def test_after_the_fault_is_mended_the_run_goes_on_where_it_stood(fresh_project):
    good = (fresh_project.folder / "data" / "wave_1.csv").read_text()
    _repeat_a_pupil(fresh_project)
    assert fresh_project.snakemake("--until", "clean").returncode == 2
    (fresh_project.folder / "data" / "wave_1.csv").write_text(good)
    planned = fresh_project.planned()
    assert "Clean wave 1 of tiny" in planned
    assert "Clean wave K of tiny" not in planned


def test_check_says_every_problem_of_all_waves_at_once(fresh_project):
    _rename_a_column(fresh_project)
    fresh_project.replace("data/wave_K.csv", "class_type", "class")
    run = fresh_project.mlm("check", "config/tiny.yaml")
    assert run.returncode == 2
    assert "wave K" in run.stderr and "wave 1" in run.stderr
    assert run.stderr.startswith("2 problems:")


def test_check_of_a_sound_survey_counts_its_rows(fresh_project):
    run = fresh_project.mlm("check", "config/tiny.yaml")
    assert run.returncode == 0, run.stderr
    assert "wave K" in run.stdout and "rows read" in run.stdout
