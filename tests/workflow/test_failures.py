"""What is said at the end of a run in which jobs failed."""

from pathlib import Path

import pytest

import failures

RUN = """RuleException:
CalledProcessError in file "rules/rows.smk", line 15:
Command 'set -euo pipefail;  python -m mlm clean' returned non-zero exit status {status}.
[Mon Nov 23 02:15:11 2026]
Error in rule clean:
    message: Clean wave K
    jobid: 2
    output: b
    log: {log} (check log file(s) for error details)
"""


@pytest.fixture
def run(tmp_path):
    def make(status):
        log = tmp_path / "clean K.log"
        log.write_text("wave K: column math is missing.\n")
        path = tmp_path / f"{status}.snakemake.log"
        path.write_text(RUN.format(status=status, log=log))
        return str(path)

    return make


def test_fault_of_the_data_is_said_plainly_and_ends_with_exit_code_2(run, capsys):
    with pytest.raises(SystemExit) as end:
        failures.explain([run(2)])
    assert end.value.code == 2
    assert "wave K: column math is missing." in capsys.readouterr().err


def test_any_other_failure_leaves_the_exit_code_to_snakemake(run, capsys):
    failures.explain([run(2), run(1)])
    assert "wave K: column math is missing." in capsys.readouterr().err


ENDS = {  # exit codes of the jobs that failed, what is said first, the exit code of the run
    "data": ([2, 2], "The data or the configuration need a change.", 2),
    "files or machine": ([3], "Neither the data nor mlm are at fault", 3),
    "both": ([3, 2], "The data or the configuration need a change.\nNeither the data", 2),
    "killed": ([137], "A job was ended from outside, by signal 9", None),
    "ended": ([143], "A job was ended from outside, by signal 15", None),
    "broken off": ([139], "A job broke off by signal 11", None),
    "a fault of the program": ([1], "A step failed. Its last words:", None),
    "killed and at fault": ([137, 2], "A step failed. Its last words:", None),
}


@pytest.mark.parametrize("case", ENDS)
def test_the_last_words_begin_with_whose_fault_it_is(run, capsys, case):
    statuses, heading, expected = ENDS[case]
    logs = [run(status) for status in statuses]
    if expected is None:
        failures.explain(logs)
    else:
        with pytest.raises(SystemExit) as end:
            failures.explain(logs)
        assert end.value.code == expected
    assert capsys.readouterr().err.startswith(f"\n{heading}")


def test_a_remote_executor_tells_the_exit_code_in_its_own_log(run, tmp_path, capsys):
    path = Path(run(2))
    executors = tmp_path / "47.log"
    executors.write_text("Command 'x' returned non-zero exit status 2.\n")
    text = path.read_text().replace("returned non-zero exit status 2.", "failed.")
    path.write_text(text.replace("clean K.log", f"clean K.log, {executors}"))
    with pytest.raises(SystemExit) as end:
        failures.explain(str(path))
    assert end.value.code == 2
    assert "wave K: column math is missing." in capsys.readouterr().err


def test_a_log_in_a_storage_or_without_words_is_no_fault_of_the_handler(run, tmp_path, capsys):
    path = Path(run(2))
    (tmp_path / "clean K.log").write_text("")
    path.write_text(path.read_text().replace("clean K.log", "clean K.log (send to storage)"))
    with pytest.raises(SystemExit):
        failures.explain(str(path))
    assert "(nothing was said)" in capsys.readouterr().err
    (tmp_path / "clean K.log").unlink()
    with pytest.raises(SystemExit):
        failures.explain(str(path))


def test_a_run_that_tells_of_no_failed_job_says_nothing(tmp_path, capsys):
    (tmp_path / "log").write_text("Complete\n")
    failures.explain(str(tmp_path / "log"))
    assert capsys.readouterr().err == ""
