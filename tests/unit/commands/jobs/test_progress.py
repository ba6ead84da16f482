"""What a job says while it runs and at its end."""

from __future__ import annotations

import io
import time
import warnings

import pytest

from mlm.commands.jobs import progress as module
from mlm.commands.jobs.progress import DOUBTED, MARK, WARNED, Progress, show_warning
from mlm.errors import SurveyDoubt
from mlm.nouns.machine.progress import count


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_time_left_is_that_of_the_rows_that_are_left_at_the_speed_until_now(clock):
    progress = Progress(clock)
    clock.now = 2.0  # before the first row
    progress.count("rows", 100, 1000)
    clock.now = 12.0  # 100 rows in 10 s
    assert progress.line() == f"{MARK} 12 s: 100 of 1,000 rows read, about 90 s left of this pass"
    progress.count("rows", 400, 1000)
    assert "about 10 s left" in progress.line()


def test_a_second_pass_over_the_same_rows_begins_anew(clock):
    progress = Progress(clock)
    progress.count("rows", 1000, 1000)
    assert progress.line().endswith("1,000 of 1,000 rows read")
    clock.now = 100.0
    progress.count("rows", 10, 1000)
    clock.now = 101.0
    assert "10 of 1,000 rows read, about 99 s left" in progress.line()
    assert progress.last_line(250.0) == "Done in 101 s with 250 MB; 1,010 rows read"


def test_what_has_no_end_is_counted(clock):
    progress = Progress(clock)
    for _ in range(12):
        progress.count("models", 1, None)
    clock.now = 200.0
    assert progress.line() == f"{MARK} 3 min: 12 models fitted"


def test_a_job_that_counts_nothing_says_that_it_is_at_work(clock):
    assert Progress(clock).line() == f"{MARK} 0.0 s: at work"


def test_lines_come_by_themselves_ever_further_apart(monkeypatch):
    monkeypatch.setattr(module, "SILENT", 0.05)
    monkeypatch.setattr(module, "TICK", 0.01)
    stream, progress = io.StringIO(), Progress()
    with progress.told(stream):
        count("rows", 7)
        time.sleep(0.5)
    lines = stream.getvalue().splitlines()
    assert 1 <= len(lines) <= 10  # 0.05 s apart or more
    assert all(line.startswith(MARK) and line.endswith("7 rows read") for line in lines)
    count("rows", 1)  # nobody listens any more
    assert progress.last_line(1.0).endswith("; 7 rows read")


def test_a_job_of_a_second_says_nothing_before_its_end():
    stream = io.StringIO()
    with Progress().told(stream):
        count("models")
    assert stream.getvalue() == ""


def test_a_warning_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr(warnings, "showwarning", show_warning)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", show_warning)
        warnings.warn("first line\n  second", stacklevel=1)
    assert capsys.readouterr().err == f"{WARNED}UserWarning: first line second\n"


def test_a_doubt_about_a_survey_is_a_line_of_another_kind(capsys):
    show_warning("two\nlines", SurveyDoubt, "file.py", 1)
    assert capsys.readouterr().err == f"{DOUBTED}two lines\n"
