"""Independent work side by side: each task in a process forked for it, as many at once as allowed.

A forked process has all that was in memory, so that a task is any function without arguments, and
only its answer travels.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

from mlm.nouns.machine.progress import Counted, count, listening_alone

Answer = TypeVar("Answer")

_ALLOWED: ContextVar[int] = ContextVar("processes", default=1)


class _Brought(NamedTuple):
    """What came of a task in a process of its own.

    Attributes
    ----------
    answer : object
        Its answer.
    warned : list of tuple
        Message, category, file and line of each warning.
    counted : list of tuple
        What was counted, as ``count`` takes it.
    """

    answer: Any
    warned: list[tuple]
    counted: list[tuple[Counted, int, int | None]]


@contextmanager
def at_most(processes: int) -> Iterator[None]:
    """Let so many tasks be done at once in the block; one by one where nothing is said.

    Parameters
    ----------
    processes : int
        1 or more.

    Raises
    ------
    ValueError
        When it is less than 1.
    """
    if processes < 1:
        raise ValueError(f"{processes} processes: expected 1 or more")
    token = _ALLOWED.set(processes)
    try:
        yield
    finally:
        _ALLOWED.reset(token)


def side_by_side(tasks: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """The answers of tasks that do not hang on each other, in their order.

    What a task changes in memory is lost where it was done in a process of its own. Its warnings
    and what it counted are told here, in the order of the tasks. A task that brings no answer, as
    it ended in an error or was killed, is done again in this process, where its error is raised.

    Parameters
    ----------
    tasks : sequence of callable
        Functions without arguments, whose answers can be pickled.

    Examples
    --------
    >>> with at_most(2):
    ...     side_by_side([lambda: 1 + 1, lambda: "b"])
    [2, 'b']
    """
    at_once = min(_ALLOWED.get(), len(tasks))
    brought = [None] * len(tasks) if at_once < 2 else _in_processes(tasks, at_once)
    answers = []
    for task, found in zip(tasks, brought, strict=True):
        answers.append(task() if found is None else _told(found))
    return answers


def _told(found: _Brought) -> Any:
    for message, category, file, line in found.warned:
        warnings.warn_explicit(message, category, file, line)
    for counted in found.counted:
        count(*counted)
    return found.answer


def _in_processes(tasks: Sequence[Callable], at_once: int) -> list[_Brought | None]:
    """What each task brought; None where it brought nothing."""
    from multiprocessing import get_context
    from multiprocessing.connection import wait

    forking = get_context("fork")
    brought: list[_Brought | None] = [None] * len(tasks)
    waiting, running = list(enumerate(tasks))[::-1], {}
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                place, task = waiting.pop()
                receiver, sender = forking.Pipe(duplex=False)
                process = forking.Process(target=_work, args=(task, sender), daemon=True)
                with warnings.catch_warnings():  # of threads: none of them is needed by a task
                    warnings.simplefilter("ignore", DeprecationWarning)
                    process.start()
                sender.close()
                running[receiver] = place, process
            for receiver in wait(list(running)):
                place, process = running.pop(receiver)
                with suppress(EOFError), receiver:
                    brought[place] = receiver.recv()
                process.join()
    finally:
        for _, process in running.values():
            process.kill()
    return brought


def _work(task: Callable, sender) -> None:
    """Do a task in this process and send what it brings; nothing where it fails."""
    counted: list[tuple] = []
    with (
        suppress(BaseException),
        at_most(1),
        listening_alone(lambda *told: counted.append(told)),
        warnings.catch_warnings(record=True) as caught,
    ):
        answer = task()
        warned = [(each.message, each.category, each.filename, each.lineno) for each in caught]
        sender.send(_Brought(answer, warned, counted))
