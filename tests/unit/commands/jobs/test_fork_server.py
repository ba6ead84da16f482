"""Jobs that are forked end as those that start by themselves."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from mlm.commands.jobs import handing_over
from mlm.commands.jobs.fork_server import READ, HandedOver, _build_records, _read_configuration
from mlm.commands.jobs.handing_over import VARIABLE, handed_over
from mlm.configuration import Configuration
from mlm.configuration.document import composed, read_document

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="Linux alone")
SOON = 20.0  # seconds


@contextmanager
def _server(folder):
    """The address of a fork server, and its process."""
    address = str(folder / "jobs")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        command = [sys.executable, "-m", "mlm.commands.jobs.fork_server", str(listener.fileno())]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
            start_new_session=True,
            cwd=folder,  # as the jobs, so that both find the same code
        )
    try:
        yield address, process
    finally:
        process.stdin.close()
        assert process.wait(SOON) == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with _server(tmp_path_factory.mktemp("server")) as found:
        yield found


def _run(address, *arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "mlm", *arguments],
        env=os.environ | {VARIABLE: address},
        capture_output=True,
        text=True,
        **more,
    )


def _children(process):
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def _until(condition):
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


WRONG = {
    "no configuration": ["ledger", "--survey", "survey.json", "--out", "ledger.csv", "no.yaml"],
    "wrong use": ["clean", "--nonsense"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_a_forked_job_says_and_ends_as_one_that_starts_by_itself(server, tmp_path, arguments):
    forked = _run(server[0], "--log", "x.log", *arguments, cwd=tmp_path)
    told = (tmp_path / "x.status.json").exists()
    alone = _run("", "--log", "y.log", *arguments, cwd=tmp_path)
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        alone.returncode,
        alone.stdout,
        alone.stderr,
    )
    assert forked.returncode == 2
    assert told


@contextmanager
def _waiting(address, folder):
    """A job that waits for its configuration, from a pipe that nobody writes."""
    os.mkfifo(folder / "config.yaml")
    (folder / "survey.json").write_text("{}")
    arguments = ["ledger", "--survey", "survey.json", "--out", "ledger.csv", "config.yaml"]
    job = subprocess.Popen(
        [sys.executable, "-m", "mlm", *arguments], env=os.environ | {VARIABLE: address}, cwd=folder
    )
    yield job
    job.kill()
    job.wait()


@pytest.fixture
def waiting(server, tmp_path):
    with _waiting(server[0], tmp_path) as job:
        _until(lambda: _children(server[1]))
        yield job
    _until(lambda: not _children(server[1]))


def test_who_hands_over_ends_by_the_signal_that_ended_the_job(server, waiting):
    os.kill(int(_children(server[1])[0]), signal.SIGKILL)
    assert waiting.wait(SOON) == -signal.SIGKILL


def test_a_job_ends_with_who_handed_it_over(server, waiting):
    waiting.terminate()
    _until(lambda: not _children(server[1]))


def test_other_code_is_not_run(server, monkeypatch):
    monkeypatch.setenv(VARIABLE, server[0])
    monkeypatch.setattr(handing_over, "identity", lambda: ["another", "Python", "or code"])
    assert handed_over(["ledger"]) is None


def test_a_server_waits_for_its_jobs_when_the_run_is_over(tmp_path):
    with _server(tmp_path) as (address, process), _waiting(address, tmp_path) as job:
        _until(lambda: _children(process))
        process.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        job.terminate()
        assert process.wait(SOON) == 0


TEXT = "survey: one\ntitle: One\n"


def _handed_over(folder, *words) -> HandedOver:
    return HandedOver([*words], str(folder), {}, [])


@pytest.fixture
def folder(tmp_path):
    composed.cache_clear()
    (tmp_path / "one.yaml").write_text(TEXT, encoding="utf-8")
    return tmp_path


def test_a_configuration_is_read_once_for_all_of_its_jobs(folder):
    for wave in ("1", "2"):
        _read_configuration(_handed_over(folder, "clean", "--out", "x", "--", "one.yaml", wave))
    assert read_document(folder / "one.yaml").data == {"survey": "one", "title": "One"}
    assert (composed.cache_info().misses, composed.cache_info().hits) == (1, 2)


def test_what_has_changed_since_is_read_again(folder):
    _read_configuration(_handed_over(folder, "clean", "--", "one.yaml", "1"))
    (folder / "one.yaml").write_text(TEXT.replace("One", "Two"), encoding="utf-8")
    assert read_document(folder / "one.yaml").data["title"] == "Two"


@pytest.mark.parametrize(
    "words",
    [
        ["index", "--config=one.yaml", "--", "one.yaml"],  # a report stands there
        ["clean", "--", "none.yaml", "1"],
        ["clean", "--"],
        ["clean", "one.yaml"],
    ],
)
def test_nothing_else_is_read_and_nothing_is_said(folder, words, capsys):
    _read_configuration(_handed_over(folder, *words))
    assert composed.cache_info().currsize == 0
    assert capsys.readouterr() == ("", "")


def test_a_text_that_is_no_yaml_is_left_to_the_job(folder):
    (folder / "one.yaml").write_text("a: [", encoding="utf-8")
    _read_configuration(_handed_over(folder, "clean", "--", "one.yaml"))
    assert read_document(folder / "one.yaml").problems


def test_the_configuration_is_ready_to_be_checked():
    _build_records("clean")
    assert Configuration.__pydantic_complete__


@pytest.mark.parametrize("stage", READ)
def test_records_that_several_stages_read_are_built_before_their_jobs_are_forked(stage):
    _build_records(stage)
    records = [getattr(import_module(module), name) for module, name in READ[stage]]
    assert all(record.__pydantic_complete__ for record in records)
