"""Jobs that are tried again, and those that would only meet the same fault: real runs."""

import re

import pytest

from needs import NEEDS

pytestmark = pytest.mark.workflow

PLACE = "    from mlm.commands.tables import by_wave\n"
KILL = f"""    import os, signal, pathlib

    pathlib.Path("attempts").open("a").write("x")
    if len(pathlib.Path("attempts").read_text()) <= {{times}}:
        os.kill(os.getpid(), signal.SIGKILL)
{PLACE}"""
MERGED = "results/tiny/math/statistics.npz"


def test_a_fault_of_the_data_is_met_once(fresh_project):
    fresh_project.replace("data/wave_1.csv", "math", "maths")
    run = fresh_project.snakemake("--retries", "2", "results/tiny/clean/1.parquet")
    assert run.returncode == 2
    assert "Trying to restart" not in run.stderr
    assert run.stderr.count("Error in rule clean") == 1


@pytest.fixture
def killed(project):
    """A finished survey whose merge is killed; a function that says how often."""

    def times(number):
        project.replace("mlm/commands/merge.py", PLACE, KILL.format(times=number))
        return project

    return times


def test_a_job_that_was_killed_is_made_in_another_attempt(killed):
    project = killed(1)
    before = (project.folder / MERGED).read_bytes()
    run = project.snakemake("--retries", "1", MERGED)
    assert run.returncode == 0, run.stderr
    assert (project.folder / "attempts").read_text() == "xx"
    assert (project.folder / MERGED).read_bytes() == before
    assert not list(project.folder.glob("logs/**/*.status.json"))


def test_a_job_that_is_killed_each_time_says_so_and_asked_for_more_the_last_time(killed):
    project = killed(9)
    run = project.snakemake("--retries", "1", MERGED)
    assert run.returncode == 1
    assert (project.folder / "attempts").read_text() == "xx"
    assert "A job was ended from outside" in run.stderr
    asked = int(re.search(r" MB of ([\d,]+) MB", run.stderr)[1].replace(",", ""))
    assert asked >= 2 * NEEDS["merge"].mb


def test_a_job_that_is_killed_near_its_memory_says_that_memory_ran_out(killed):
    project = killed(9)
    run = project.snakemake("--set-resources", "merge:mem_mb=300", "--", MERGED)
    assert run.returncode == 3
    assert "Memory ran out" in run.stderr and "of 300 MB" in run.stderr
