"""What is said at the end of a run in which jobs failed, by the events that Snakemake gives."""

import logging
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

import failures
from failures import Asked, Failure
from mlm.commands.jobs.status import status_path
from mlm.results.runs.status import JobStatus
from run_events import FailedJobs

WORDS = "wave K: column math is missing."
ASKED = {"mem_mb": 2000, "runtime": 10}


class Job:
    """A job of Snakemake, as far as it is asked for one."""

    def __init__(self, jobid, log, retries=2):
        self.jobid = jobid
        self.log = [log]
        self.rule = SimpleNamespace(name="clean", restart_times=retries)

    @property
    def retries(self):
        """How often it may still be tried."""
        return self.rule.restart_times


class Run:
    """A run of jobs of one rule: events as Snakemake gives them, files as commands leave them."""

    def __init__(self, folder, jobs=3):
        self.folder = folder
        self.jobs = [Job(number, self.log(number)) for number in range(jobs)]
        dag = SimpleNamespace(jobs=self.jobs, jobid=lambda job: job.jobid)
        self.failed = FailedJobs(SimpleNamespace(dag=dag))

    def log(self, number):
        return self.folder / f"clean-{number}.log"

    def leave(self, number, ending, words=WORDS, peak=100.0, seconds=1.0):
        status = JobStatus(ending=ending, words=words, peak_mb=peak, seconds=seconds)
        status_path(self.log(number)).write_text(status.to_json())
        self.log(number).write_text(f"{words or ''}\n")

    def tell(self, event, **content):
        record = logging.makeLogRecord({"event": event, **content})
        self.failed.handle(record)

    def begin(self, number, local=False):
        log = [str(self.log(number))]
        self.tell(LogEvent.JOB_INFO, jobid=number, log=log, resources=ASKED, local=local)

    def error(self, number, others=()):
        return {"jobid": number, "rule_name": "clean", "log": [str(self.log(number)), *others]}

    def fail(self, number, *status, **more):
        self.begin(number)
        if status:
            self.leave(number, *status, **more)
        self.tell(LogEvent.JOB_ERROR, **self.error(number))

    def end(self, capsys):
        """Exit code and last words."""
        code = None
        try:
            failures.explain(self.failed.failures)
        except SystemExit as end:
            code = end.code
        return code, capsys.readouterr().err


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path)


def test_fault_of_the_data_is_said_plainly_and_ends_with_exit_code_2(run, capsys):
    run.fail(0, "data")
    code, text = run.end(capsys)
    assert code == 2
    assert text == (
        "\nThe data or the configuration need a change.\n\n"
        f"{run.log(0)}:\n  wave K: column math is missing.\n"
    )


GROWN = {"words": None, "peak": 1700.0}
LATE = {"words": None, "seconds": 590.0}
ENDS = {  # how jobs ended, what is said first, the exit code of the run
    "data": ([("data", {}), ("data", {})], "The data or the configuration need a change.", 2),
    "machine": ([("machine", {})], "Neither the data nor mlm are at fault", 3),
    "both": ([("machine", {}), ("data", {})], "The data or the configuration need a change.", 2),
    "memory, by itself": ([("memory", {})], "Memory ran out", 3),
    "memory, killed": ([(None, GROWN)], "Memory ran out", 3),
    "time": ([(None, LATE)], "A job was ended when its time was over", 3),
    "killed": ([(None, {"words": None})], "A job was ended from outside", None),
    "a fault of the program": ([("fault", {})], "A step failed. Its last words:", None),
    "data and program": ([("fault", {}), ("data", {})], "The data or the configuration", None),
}


@pytest.mark.parametrize("case", ENDS)
def test_the_last_words_begin_with_whose_fault_it_is(run, capsys, case):
    jobs, heading, expected = ENDS[case]
    for number, (ending, more) in enumerate(jobs):
        run.fail(number, ending, **more)
    code, text = run.end(capsys)
    assert code == expected
    assert text.startswith(f"\n{heading}")
    assert all(str(run.log(number)) in text for number in range(len(jobs)))


def test_a_job_that_was_killed_tells_what_it_had_used_of_what_it_asked_for(run, capsys):
    run.fail(0, None, **GROWN)
    assert "1,700 MB of 2,000 MB and 1 s of 600 s" in run.end(capsys)[1]


def test_a_job_that_never_began_is_told_by_the_log_of_its_executor(run, tmp_path, capsys):
    other = tmp_path / "47.log"
    other.write_text("error: node vm1 does not answer\n")
    run.begin(0)
    error = run.error(0, [str(other)]) | {"rule_msg": "sbatch failed: no such account"}
    run.tell(LogEvent.JOB_ERROR, **error)
    code, text = run.end(capsys)
    assert "sbatch failed: no such account" in text
    assert code is None
    assert text.startswith("\nA job ended before its command could say anything")
    assert "node vm1 does not answer" in text


def test_what_is_left_of_a_run_before_is_not_told(run):
    run.leave(0, "data")
    run.fail(0)
    assert [failure.kind for failure in run.failed.failures] == ["not begun"]


@pytest.mark.parametrize(
    ("ending", "retries"), [("data", 0), ("machine", 0), ("fault", 0), ("memory", 2), (None, 2)]
)
def test_only_what_may_pass_is_tried_again(run, ending, retries):
    run.fail(0, ending, words=None)
    assert [job.retries for job in run.jobs] == [retries, 2, 2]


def test_a_job_that_is_made_in_another_attempt_is_no_failure(run, capsys):
    run.fail(0, None, words=None)
    run.begin(0)
    run.tell(LogEvent.JOB_FINISHED, job_id=0)
    assert run.failed.failures == [] and run.end(capsys) == (None, "")


def test_of_a_group_those_are_told_that_were_at_work(run, capsys):
    for number in range(3):
        run.begin(number)
    run.leave(1, "data")
    errors = [run.error(number) for number in range(3)]
    run.tell(LogEvent.GROUP_ERROR, job_error_info=errors, aux_logs=["47.log"])
    for error in errors:
        run.tell(LogEvent.JOB_ERROR, **error)
    assert [failure.log for failure in run.failed.failures] == [run.log(1)]
    assert [job.retries for job in run.jobs] == [0, 0, 0]
    assert run.end(capsys)[0] == 2


def test_nothing_on_this_machine_ends_a_job_whose_time_is_over(run):
    run.begin(0, local=True)
    run.leave(0, None, **LATE)
    run.tell(LogEvent.JOB_ERROR, **run.error(0))
    assert [failure.kind for failure in run.failed.failures] == ["killed"]


def test_of_a_group_of_one_the_log_of_the_executor_is_told(run, tmp_path):
    other = tmp_path / "47.log"
    run.tell(LogEvent.GROUP_ERROR, job_error_info=[run.error(0)], aux_logs=[str(other)])
    run.tell(LogEvent.JOB_ERROR, **run.error(0))
    assert [failure.others for failure in run.failed.failures] == [(other,)]


def test_of_a_group_that_never_began_one_job_is_told(run):
    errors = [run.error(number) for number in range(3)]
    run.tell(LogEvent.GROUP_ERROR, job_error_info=errors, aux_logs=[])
    assert [failure.kind for failure in run.failed.failures] == ["not begun"]
    assert [job.retries for job in run.jobs] == [2, 2, 2]


def test_a_log_in_a_storage_or_without_words_is_no_fault_of_the_handler(run, capsys):
    run.begin(0)
    run.leave(0, "fault", words=None)
    run.log(0).unlink()
    run.tell(LogEvent.JOB_ERROR, **run.error(0) | {"log": ["s3://x/clean-0.log (send to storage)"]})
    assert "(nothing was said)" in run.end(capsys)[1]


def test_a_job_without_limits_is_not_said_to_have_met_one():
    status = JobStatus(ending=None, words=None, peak_mb=9e5, seconds=9e5)
    assert Failure("clean", None, (), status, Asked()).kind == "killed"


def test_a_run_without_failed_jobs_says_nothing(run, capsys):
    assert run.end(capsys) == (None, "")
