"""Independent work side by side: each task in a process forked for it, as many at once as allowed.

A forked process has all that was in memory, so that a task is any function without arguments, and
only its answer travels.
"""

from __future__ import annotations

import gc
import io
import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

from mlm.nouns.machine.progress import Counted, count, listening_alone

Answer = TypeVar("Answer")
Item = TypeVar("Item")

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


def parts(items: Sequence[Item]) -> list[Sequence[Item]]:
    """Items dealt out to as many tasks as are done at once, each to be done in one go.

    Parameters
    ----------
    items : sequence
        About as much work each.
    """
    hands = min(_ALLOWED.get(), len(items))
    return [items[first::hands] for first in range(hands)]


def side_by_side(
    tasks: Sequence[Callable[[], Answer]], shared: Sequence[object] = ()
) -> list[Answer]:
    """The answers of tasks that do not hang on each other, in their order.

    Each begins with what is in memory now; what it changes there is lost where it was done in a
    process of its own. Its warnings and what it counted are told here, in the order of the tasks.
    A task that ends in an error, or is killed, is done again in this process, where its error is
    raised.

    Parameters
    ----------
    tasks : sequence of callable
        Functions without arguments, whose answers can be pickled.
    shared : sequence of object
        What answers may refer to and need not be sent, since it is here; not changed by tasks.

    Raises
    ------
    TypeError
        When an answer cannot be pickled.

    Examples
    --------
    >>> with at_most(2):
    ...     side_by_side([lambda: 1 + 1, lambda: "b"])
    [2, 'b']
    """
    at_once = min(_ALLOWED.get(), len(tasks))
    brought = _in_processes(tasks, shared, at_once) if at_once > 1 else [None] * len(tasks)
    pairs = zip(tasks, brought, strict=True)
    return [task() if found is None else _told(found) for task, found in pairs]


def _told(found: _Brought) -> Any:
    for message, category, file, line in found.warned:
        warnings.warn_explicit(message, category, file, line)
    for counted in found.counted:
        count(*counted)
    return found.answer


def _in_processes(
    tasks: Sequence[Callable], shared: Sequence[object], at_once: int
) -> list[_Brought | None]:
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
                process = forking.Process(target=_work, args=(task, shared, sender), daemon=True)
                with warnings.catch_warnings():  # of threads: none of them is needed by a task
                    warnings.simplefilter("ignore", DeprecationWarning)
                    process.start()
                sender.close()
                running[receiver] = place, process
            for receiver in wait(list(running)):
                place, process = running.pop(receiver)
                with suppress(EOFError), receiver:
                    brought[place] = _unpacked(receiver.recv_bytes(), shared)
                process.join()
    finally:
        for _, process in running.values():
            process.kill()
    refused = next((each for each in brought if isinstance(each, TypeError)), None)
    if refused is not None:
        raise refused
    return brought


def _work(task: Callable, shared: Sequence[object], sender) -> None:
    """Do a task in this process and send what it brings; nothing where it ends in an error."""
    gc.freeze()  # what is there is not looked at again, which would copy it
    counted: list[tuple] = []
    with (
        suppress(Exception),
        at_most(1),
        listening_alone(lambda *told: counted.append(told)),
        warnings.catch_warnings(record=True) as caught,
    ):
        answer = task()
        warned = [(each.message, each.category, each.filename, each.lineno) for each in caught]
        try:
            packed = _packed(_Brought(answer, warned, counted), shared)
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            packed = _packed(TypeError(f"an answer cannot be sent: {error}"), ())
        sender.send_bytes(packed)


def _packed(answer: object, shared: Sequence[object]) -> memoryview:
    stream = io.BytesIO()
    _Writer(stream, shared).dump(answer)
    return stream.getbuffer()


def _unpacked(packed: bytes | memoryview, shared: Sequence[object]) -> Any:
    return _Reader(io.BytesIO(packed), shared).load()


class _Writer(pickle.Pickler):
    """Writes the place of what is shared, which a forked process has at the same address."""

    def __init__(self, stream: io.BytesIO, shared: Sequence[object]):
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self._places = {id(each): place for place, each in enumerate(shared)}

    def persistent_id(self, obj: object) -> int | None:
        return self._places.get(id(obj))


class _Reader(pickle.Unpickler):
    """Reads what ``_Writer`` has written."""

    def __init__(self, stream: io.BytesIO, shared: Sequence[object]):
        super().__init__(stream)
        self._shared = shared

    def persistent_load(self, pid: int) -> object:
        return self._shared[pid]
