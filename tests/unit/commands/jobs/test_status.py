"""The file that tells how a job stands: while it runs, fails, is killed, is done."""

import signal
import subprocess
import sys
import time

import pytest

from mlm.commands.jobs.status import StatusFile, peak_mb, status_path
from mlm.results.runs.status import JobStatus

HELD = 300_000_000  # bytes that a job takes, far above what Python itself does
PROGRAM = """
import sys, time
from pathlib import Path
from mlm.commands.jobs.status import StatusFile
StatusFile().begin(Path(sys.argv[1]))
held = bytearray(b"x") * {held}
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def log(tmp_path):
    return tmp_path / "clean-1.5.log"


def test_the_file_lies_beside_the_log_and_goes_when_the_job_is_done(log):
    status = StatusFile()
    status.begin(log)
    assert status_path(log).name == "clean-1.5.status.json"
    assert JobStatus.load(status_path(log)).ending is None
    status.done()
    assert not status_path(log).exists()


@pytest.mark.parametrize(("ending", "code"), [("data", 2), ("machine", 3), ("fault", 1)])
def test_a_job_that_fails_says_whose_fault_it_is(log, ending, code):
    status = StatusFile()
    status.begin(log)
    status.end(ending, "wave K: column math is missing")
    told = JobStatus.load(status_path(log))
    assert (told.ending, told.exit_code) == (ending, code)
    assert told.words == "wave K: column math is missing"


def test_a_job_that_is_killed_leaves_what_it_held_and_how_long_it_ran(log):
    words = [sys.executable, "-c", PROGRAM.format(held=HELD), str(log)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as job:
        job.stdout.readline()
        deadline = time.monotonic() + 30
        while JobStatus.load(status_path(log)).peak_mb < HELD / 1e6:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        job.send_signal(signal.SIGKILL)
    told = JobStatus.load(status_path(log))
    assert told.ending is None and told.exit_code is None and told.words is None
    assert HELD / 1e6 <= told.peak_mb < HELD / 1e6 + 200
    assert 0 <= told.seconds < 40


def test_memory_of_processes_that_were_started_counts():
    before = peak_mb()
    program = f"held = bytearray(b'x') * {HELD}; print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        assert peak_mb() - before >= HELD / 1e6
        child.communicate(b"\n")
    assert peak_mb() - before < HELD / 1e6


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_job(tmp_path):
    (tmp_path / "file").write_text("")
    status = StatusFile()
    status.begin(tmp_path / "file" / "x.log")
    status.end("data", "words")
