"""How the program ends, and what it prints then."""

import errno
import os
import re
import subprocess
import sys

import pytest

from mlm.commands import program
from mlm.errors import FilesError, SurveyError
from mlm.results.runs.status import JobStatus


def _ends(monkeypatch, capsys, error):
    def app(begin, commands):
        def run(**_):
            raise error

        return run

    monkeypatch.setattr(program, "make_app", app)
    with pytest.raises(SystemExit) as end:
        program.main()
    return end.value.code, capsys.readouterr().err


def test_fault_of_the_data_is_its_message_alone_and_exit_code_2(monkeypatch, capsys):
    code, text = _ends(monkeypatch, capsys, SurveyError(["wave K: no rows", "wave 1: no rows"]))
    assert (code, text) == (2, "2 problems:\n1. wave K: no rows\n2. wave 1: no rows\n")


def test_full_disk_is_said_in_one_line(monkeypatch, capsys):
    error = OSError(errno.ENOSPC, "Error writing bytes", "results/x.npz")
    code, text = _ends(monkeypatch, capsys, error)
    assert (code, text.count("\n")) == (3, 1)
    told = (
        r"No space left on device: results/x\.npz \([\d.,]+ .B of [\d.,]+ .B are free there\); make"
    )
    assert re.match(told, text)


@pytest.mark.parametrize("kind", [errno.EROFS, errno.EDQUOT, errno.EACCES, errno.EIO])
def test_faults_of_the_machine_name_the_file_and_the_way_out(monkeypatch, capsys, kind):
    code, text = _ends(monkeypatch, capsys, OSError(kind, "", "results/x.npz"))
    assert (code, text.count("\n")) == (3, 1)
    assert text.startswith(f"{os.strerror(kind)}: results/x.npz")


def test_want_of_memory_is_no_fault_of_the_program(monkeypatch, capsys):
    code, text = _ends(monkeypatch, capsys, MemoryError())
    assert code == 3
    assert "Not enough memory" in text and "report it" not in text


@pytest.mark.parametrize(
    "error",
    [
        ImportError("groupby.so: failed to map segment from shared object"),
        ImportError("libx.so: Cannot allocate memory"),
        RuntimeError("Unable to allocate 3.2 GiB"),
    ],
)
def test_want_of_memory_is_known_by_what_libraries_say(monkeypatch, capsys, error):
    code, text = _ends(monkeypatch, capsys, error)
    assert code == 3
    assert text.rstrip().endswith("or run fewer at once.")


def test_damaged_files_are_no_fault_of_data_or_program(monkeypatch, capsys):
    code, text = _ends(monkeypatch, capsys, FilesError("clean/K.parquet: delete it"))
    assert (code, text) == (3, "clean/K.parquet: delete it\n")


def test_fault_of_the_program_shows_its_traceback_and_exit_code_1(monkeypatch, capsys):
    code, text = _ends(monkeypatch, capsys, ZeroDivisionError("division by zero"))
    assert code == 1
    assert "Traceback" in text and "please report it" in text


@pytest.mark.battery(2)
@pytest.mark.parametrize(
    "arguments",
    [["clean"], ["nonsense"], ["link", "config/star.yaml", "no-such.parquet", "--out", "x"]],
)
def test_wrong_use_of_a_command_ends_with_exit_code_2_and_no_traceback(arguments):
    run = subprocess.run([sys.executable, "-m", "mlm", *arguments], capture_output=True, text=True)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr


def test_a_job_leaves_its_words_beside_its_log(monkeypatch, capsys, tmp_path):
    log = tmp_path / "clean-K.log"

    def app(begin, commands):
        def run(**_):
            begin(log)
            raise SurveyError("wave K: no rows")

        return run

    monkeypatch.setattr(program, "make_app", app)
    with pytest.raises(SystemExit) as end:
        program.main()
    told = JobStatus.load(tmp_path / "clean-K.status.json")
    assert (end.value.code, told.ending, told.words) == (2, "data", "wave K: no rows")


def test_wrong_use_in_a_job_is_a_fault_of_the_program(tmp_path):
    log = tmp_path / "x.log"
    run = subprocess.run([sys.executable, "-m", "mlm", "--log", str(log), "clean"])
    told = JobStatus.load(tmp_path / "x.status.json")
    assert (run.returncode, told.ending) == (2, "fault")


@pytest.mark.parametrize("name", ["clean", "merge_imputed", "run"])
def test_a_command_is_made_ready_alone_and_is_the_same(name, capsys):
    asked = program.asked(["--log", "x.log", name])
    assert [command.__name__ for command in asked] == [name]
    texts = []
    for commands in (asked, program.asked([])):
        with pytest.raises(SystemExit):
            program.make_app(print, commands)([name, "--help"], prog_name="mlm")
        texts.append(capsys.readouterr().out)
    assert name in texts[0] and texts[0] == texts[1]


@pytest.mark.parametrize(
    "words", [[], ["--help"], ["cleen"], ["--help", "clean"], ["--log", "clean"]]
)
def test_without_a_command_all_are_known(words):
    assert program.asked(words) == program.asked([])
