"""What a run says on the terminal of jobs that take long, and of what they warned."""

from __future__ import annotations

import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from mlm.commands.jobs.progress import DOUBTED, MARK, WARNED
from run_words import MOST_WARNINGS, RunWords


class Run:
    """Events of a run of two jobs, and their logs."""

    def __init__(self, folder):
        self.folder, self.said, self.names = folder, [], {}
        self.words = RunWords(self.said.append)
        for number, name in ((1, "Clean wave K of tiny"), (2, "Analyse math of tiny")):
            self.log(number).write_text(f"{MARK} 99 s: of a run before\n{WARNED}old\n")
            self.names[number] = name

    def log(self, number):
        return self.folder / f"{number}.log"

    def begin(self, *numbers):
        """As Snakemake does: several jobs are said to start, then each is described."""
        self.tell(LogEvent.JOB_STARTED, jobs=list(numbers))
        for number in numbers:
            self.describe(number)

    def describe(self, number):
        name, log = self.names[number], self.log(number)
        self.tell(LogEvent.JOB_INFO, jobid=number, rule_msg=name, rule_name="", log=[log])

    def tell(self, event, **content):
        self.words.handle(logging.makeLogRecord({"event": event, **content}))

    def write(self, number, text):
        with open(self.log(number), "a", encoding="utf-8") as file:
            file.write(text)


@pytest.fixture
def run(tmp_path):
    run = Run(tmp_path)
    yield run
    run.words.close()


def test_how_far_a_job_is_is_told_with_its_name_and_nothing_of_a_run_before(run):
    run.begin(1, 2)
    run.write(2, f"{MARK} 7 s: 3 models fitted\nother words\n{MARK} 12 s: 5 mod")
    run.tell(LogEvent.JOB_FINISHED, job_id=1)
    run.tell(LogEvent.JOB_FINISHED, job_id=2)
    assert run.said == ["Analyse math of tiny: 7 s: 3 models fitted"]
    run.words.repeat_warnings()
    assert len(run.said) == 1


def test_lines_are_told_while_a_job_runs(run, monkeypatch):
    monkeypatch.setattr("run_words.PAUSE", 0.01)
    run.begin(1)
    run.write(1, f"{MARK} 7 s: 3,000 rows read\n")
    run.words._watch.join(timeout=0.5)
    assert run.said == ["Clean wave K of tiny: 7 s: 3,000 rows read"]


def test_warnings_are_told_at_the_end_once_with_the_name_of_their_job(run):
    run.begin(1, 2)
    run.write(1, f"{WARNED}UserWarning: look at this\n" * 2)
    run.write(2, "".join(f"{WARNED}UserWarning: number {i}\n" for i in range(MOST_WARNINGS)))
    run.tell(LogEvent.JOB_FINISHED, job_id=1)
    run.tell(LogEvent.JOB_ERROR, jobid=2)
    assert run.said == []
    run.words.repeat_warnings()
    (told,) = run.said
    lines = told.splitlines()
    assert lines[:2] == [
        "Warnings of this run:",
        "  Clean wave K of tiny: UserWarning: look at this",
    ]
    assert len(lines) == MOST_WARNINGS + 2 and lines[-1] == "  ... and 1 more, in logs/"


def test_a_doubt_about_a_survey_is_told_once_whichever_jobs_tell_it(run):
    run.begin(1, 2)
    for number in (1, 2):
        run.write(number, f"{DOUBTED}tiny: ids of pupil: 99 of 200\n")
        run.tell(LogEvent.JOB_FINISHED, job_id=number)
    run.words.repeat_warnings()
    assert run.said == ["Warnings of this run:\n  tiny: ids of pupil: 99 of 200"]


def test_a_dry_run_describes_jobs_and_leaves_their_logs_alone(run):
    run.describe(1)
    assert run.log(1).is_file()
    assert run.words._watch is None


def test_the_end_of_a_run_names_the_folders_of_its_reports(run, tmp_path):
    places = [tmp_path / "results" / name / "publish" for name in ("math", "read", "none")]
    for place in places[:2]:
        place.mkdir(parents=True)
        for name in ("brief.html", "brief.pdf", "report.json"):
            (place / name).touch()
    index = tmp_path / "results" / "index.html"
    index.touch()
    outputs = [str(place / name) for place in places for name in ("report.json", "brief.html")]
    run.words.name_reports([*outputs, str(index)])
    told, listed = run.said
    assert told.splitlines()[0].endswith(" lie in 2 folders:")
    assert [line.strip() for line in told.splitlines()[1:]] == [str(p) for p in places[:2]]
    assert listed == f"All of them are listed in {index}"


def test_reports_that_are_not_on_this_disk_are_not_named(run, tmp_path):
    run.words.name_reports([str(tmp_path / "brief.html"), str(tmp_path / "index.html")])
    assert run.said == []
