"""Which jobs are handed over, and that those which are not are done where they were started."""

import pytest

from mlm.commands.jobs import handing_over
from mlm.commands.jobs.fork_server import LOADED
from mlm.commands.jobs.handing_over import (
    SMALL_ANALYSIS,
    SMALL_BYTES,
    STAGES,
    VARIABLE,
    handed_over,
)


class Asked(Exception):
    """The fork server would be asked."""


@pytest.fixture
def asked(monkeypatch):
    def identity():
        raise Asked

    monkeypatch.setenv(VARIABLE, "/no/socket")
    monkeypatch.setattr(handing_over, "identity", identity)


def _file(path, size):
    with open(path, "wb") as file:
        file.truncate(size)
    return str(path)


def test_small_jobs_are_handed_over(asked, tmp_path):
    with pytest.raises(Asked):
        handed_over(["--log", "x.log", "clean", _file(tmp_path / "wave.csv", SMALL_BYTES)])


@pytest.mark.parametrize("address", [None, ""])
def test_without_a_server_a_job_starts_by_itself(asked, monkeypatch, address):
    monkeypatch.delenv(VARIABLE)
    if address is not None:
        monkeypatch.setenv(VARIABLE, address)
    assert handed_over(["clean"]) is None


@pytest.mark.parametrize("stage", ["impute", "simulate", "init", "--help"])
def test_what_takes_minutes_or_is_no_job_starts_by_itself(asked, stage):
    assert handed_over([stage]) is None


def test_a_large_file_is_read_by_a_process_of_its_own(asked, tmp_path):
    file = _file(tmp_path / "wave.csv", SMALL_BYTES + 1)
    assert handed_over(["clean", file]) is None
    assert handed_over(["merge", f"--from={file}"]) is None


def test_a_small_analysis_is_handed_over_and_a_larger_one_is_not(asked, tmp_path):
    path = tmp_path / "statistics.npz"
    with pytest.raises(Asked):
        handed_over(["analyse", "--statistics", _file(path, SMALL_ANALYSIS)])
    assert handed_over(["analyse", "--statistics", _file(path, SMALL_ANALYSIS + 1)]) is None


def test_files_in_a_folder_count(asked, tmp_path):
    for number in range(2):
        _file(tmp_path / f"{number}.npz", SMALL_BYTES // 2 + 1)
    assert handed_over(["merge", str(tmp_path)]) is None


def test_a_server_that_is_gone_is_no_fault(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "jobs"))
    assert handed_over(["clean"]) is None


def test_what_each_stage_loads_is_known():
    assert set(LOADED) == set(STAGES)
