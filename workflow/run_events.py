"""What Snakemake tells of the jobs of a run while it runs: its own records of events, not its text.

Its logger hands on records of jobs that begin, fail and finish. With the file in which a command
tells how its job stands they say why a job failed, on whatever machine it ran, and whether it may
be tried again: a fault of the data is the same the next time, want of memory is not, since a
second attempt asks for more.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable
from pathlib import Path

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from failures import Asked, Failure
from mlm.commands.jobs.status import status_path
from mlm.errors import ResultError
from mlm.results.runs.status import JobStatus


class FailedJobs(logging.Handler):
    """The jobs of a run that failed and were not made in another attempt.

    Parameters
    ----------
    workflow
        Snakemake's object for the run.
    """

    def __init__(self, workflow):
        super().__init__()
        self._workflow = workflow
        self._asked: dict[int, Asked] = {}
        self._failed: dict[int, Failure] = {}
        self._in_groups: set[int] = set()

    @property
    def failures(self) -> list[Failure]:
        """Those that stand, in the order in which they came."""
        return list(self._failed.values())

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of an event; a fault in that is told, and does not stop the run."""
        try:
            self._take(record)
        except Exception:
            self.handleError(record)

    def _take(self, record: logging.LogRecord) -> None:
        match getattr(record, "event", None):
            case LogEvent.JOB_INFO:
                self._begins(record)
            case LogEvent.GROUP_ERROR:
                self._in_groups |= {job["jobid"] for job in record.job_error_info}
                self._fail_together(record.job_error_info, record.aux_logs)
            case LogEvent.JOB_ERROR if record.jobid not in self._in_groups:
                self._fail_together([vars(record)], [])
            case LogEvent.JOB_FINISHED:
                self._failed.pop(record.job_id, None)

    def _begins(self, record: logging.LogRecord) -> None:
        """A job is handed over: what is left of an attempt before says nothing any more."""
        memory, minutes = (_number(record.resources.get(name)) for name in ("mem_mb", "runtime"))
        self._asked[record.jobid] = Asked(memory, None if record.local else minutes)
        for log in self._logs(record.jobid)[:1]:
            status_path(log).unlink(missing_ok=True)

    def _fail_together(self, jobs: list[dict], further: list[str]) -> None:
        """A job, or the jobs of a group: those that were at work, else the first of them."""
        found = {job["jobid"]: self._failure(job, further) for job in jobs}
        at_work = {jobid: failure for jobid, failure in found.items() if failure.status}
        told = at_work or dict(list(found.items())[:1])
        self._failed.update(told)
        if not all(failure.may_pass for failure in told.values()):
            self._try_no_more(found.keys())

    def _failure(self, job: dict, further: list[str]) -> Failure:
        logs = self._logs(job["jobid"])
        own = logs[0] if logs else None
        executors = [name for name in (*job["log"][len(logs) :], *further) if name]
        return Failure(
            rule=job["rule_name"],
            log=own,
            others=tuple(map(Path, executors)),
            status=None if own is None else _status(status_path(own)),
            asked=self._asked.get(job["jobid"], Asked()),
            executor=str(job.get("rule_msg") or "").strip(),
        )

    def _logs(self, jobid: int) -> list[Path]:
        """Logs of a job on this disk: events name those in a storage by their place there."""
        return [Path(str(log)) for job in self._jobs([jobid]) for log in job.log]

    def _jobs(self, jobids: Iterable[int]) -> list:
        dag = self._workflow.dag
        return [job for job in dag.jobs if dag.jobid(job) in jobids]

    def _try_no_more(self, jobids: Iterable[int]) -> None:
        """Give jobs a rule of their own without retries: Snakemake asks a job's rule for them."""
        for job in self._jobs(jobids):
            job.rule = copy.copy(job.rule)
            job.rule.restart_times = 0


def watch(workflow) -> FailedJobs:
    """Listen to the events of a run; the listener of a run before in this process goes."""
    for handler in [h for h in logger.handlers if type(h).__name__ == FailedJobs.__name__]:
        logger.removeHandler(handler)
    jobs = FailedJobs(workflow)
    logger.addHandler(jobs)
    return jobs


def _number(value: object) -> float | None:
    """A resource; what is not known yet is none."""
    return float(value) if isinstance(value, int | float) else None


def _status(path: Path) -> JobStatus | None:
    try:
        return JobStatus.load(path)
    except (OSError, ResultError):
        return None
