"""Tasks side by side: answers in order, own errors, nothing lost of what a process tells."""

from __future__ import annotations

import os
import signal
import warnings

import numpy as np
import pytest

from mlm.nouns.machine.progress import count, listening
from mlm.nouns.machine.side_by_side import at_most, parts, side_by_side

PROCESSES = pytest.mark.parametrize("processes", [1, 2, 5])


@PROCESSES
def test_answers_are_in_the_order_of_the_tasks(processes):
    tasks = [lambda i=i: np.full(3, i) for i in range(7)]
    with at_most(processes):
        found = side_by_side(tasks)
    np.testing.assert_array_equal(found, np.repeat(np.arange(7)[:, None], 3, axis=1))


def test_each_task_has_a_process_of_its_own_where_that_is_allowed():
    assert set(side_by_side([os.getpid, os.getpid])) == {os.getpid()}
    with at_most(2):
        found = side_by_side([os.getpid] * 3)
    assert len({*found, os.getpid()}) == 4


def test_a_task_begins_with_what_was_there_and_changes_nothing_here():
    kept = [1]

    def task() -> int:
        kept.append(2)
        return len(kept)

    with at_most(2):
        assert side_by_side([task, task]) == [2, 2]
    assert kept == [1]


def test_tasks_of_a_task_stay_in_its_process():
    with at_most(2):
        (found, _) = side_by_side([lambda: side_by_side([os.getpid] * 2), lambda: None])
    assert len(set(found)) == 1


class Refused(Exception):
    """An error that cannot be sent to another process: it wants two arguments."""

    def __init__(self, what: str, why: str):
        super().__init__(f"{what}: {why}")


@PROCESSES
def test_the_error_is_that_of_the_first_task_that_fails(processes):
    def fails(what: str):
        raise Refused(what, "it fails")

    tasks = [lambda: 1, lambda: fails("second"), lambda: fails("third")]
    with at_most(processes), pytest.raises(Refused, match="second: it fails"):
        side_by_side(tasks)


def test_a_task_whose_process_is_killed_is_done_again_here():
    here = os.getpid()

    def task() -> str:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    with at_most(2):
        assert side_by_side([task, lambda: "too"]) == ["done", "too"]


def test_an_answer_that_cannot_be_sent_is_an_error_and_not_done_twice():
    with at_most(2), pytest.raises(TypeError, match="an answer cannot be sent"):
        side_by_side([lambda: lambda: 1, lambda: 2])


@PROCESSES
def test_warnings_and_what_was_counted_are_told_here(processes):
    def task(i: int) -> None:
        warnings.warn(f"of task {i}", UserWarning, stacklevel=1)
        count("models", i)

    counted = []
    with (
        at_most(processes),
        listening(lambda *told: counted.append(told)),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        side_by_side([lambda i=i: task(i) for i in (1, 2, 3)])
    assert [str(each.message) for each in caught] == ["of task 1", "of task 2", "of task 3"]
    assert counted == [("models", i, None) for i in (1, 2, 3)]


def test_what_is_shared_comes_back_as_itself():
    large = {"rows": np.zeros(3)}
    with at_most(2):
        found = side_by_side([lambda: ("a", large), lambda: ("b", [large])], [large])
    assert found[0][1] is large
    assert found[1][1][0] is large


def test_processes_are_at_least_one():
    with pytest.raises(ValueError, match="0 processes: expected 1 or more"), at_most(0):
        pass


def test_items_are_dealt_out_to_as_many_tasks_as_are_done_at_once():
    assert parts([1, 2, 3]) == [[1, 2, 3]]
    with at_most(2):
        assert parts([1, 2, 3]) == [[1, 3], [2]]
    with at_most(5):
        assert parts([1, 2]) == [[1], [2]]
        assert parts([]) == []
