"""What is said at the end of a run in which jobs failed."""

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


def test_a_run_that_tells_of_no_failed_job_says_nothing(tmp_path, capsys):
    (tmp_path / "log").write_text("Complete\n")
    failures.explain(str(tmp_path / "log"))
    assert capsys.readouterr().err == ""
