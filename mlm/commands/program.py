"""The command line program ``mlm``: its list of commands, and how it ends.

Exit code 0: done. 2: data, configuration or claim are at fault; 3: the machine is, or a file that
an earlier stage made; the message stands alone on the error stream and says what to do. 1: a fault
of this package, with its traceback.
"""

from __future__ import annotations

import errno
import gc
import os
import shutil
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from mlm.commands.accumulate import accumulate
from mlm.commands.analyse import analyse
from mlm.commands.check import check
from mlm.commands.clean import clean
from mlm.commands.columns import columns
from mlm.commands.complete import complete
from mlm.commands.impute import impute
from mlm.commands.index import index
from mlm.commands.init import init
from mlm.commands.jobs.progress import Progress, show_warning
from mlm.commands.jobs.status import StatusFile, peak_mb
from mlm.commands.ledger import ledger
from mlm.commands.link import link
from mlm.commands.merge import merge
from mlm.commands.merge_imputed import merge_imputed
from mlm.commands.project.new import new
from mlm.commands.project.run import PASSED_ON, run
from mlm.commands.report import report
from mlm.commands.residuals import residuals
from mlm.commands.schema import schema
from mlm.commands.shared_out.accumulate_part import accumulate_part
from mlm.commands.shared_out.intake import intake
from mlm.commands.shared_out.link_wave import link_wave
from mlm.commands.shared_out.residuals_of_wave import residuals_of_wave
from mlm.commands.simulate import simulate
from mlm.commands.units import units
from mlm.commands.writing import size_text
from mlm.errors import EXIT_CODE, EXIT_CODES, Ending, MLMError

SELDOM = 20_000  # new objects after which cycles of them are looked for; Python's own number is 700

_COMMANDS = (
    new,
    init,
    check,
    run,
    simulate,
    intake,
    clean,
    complete,
    link_wave,
    link,
    ledger,
    columns,
    accumulate_part,
    accumulate,
    merge,
    merge_imputed,
    impute,
    analyse,
    residuals_of_wave,
    residuals,
    report,
    units,
    index,
    schema,
)
_OUTSIDE = {
    errno.ENOSPC: "make room there, or set TMPDIR to another disk where it is a temporary file",
    errno.EDQUOT: "make room there, or ask for a larger quota",
    errno.EROFS: "let this folder be written to, or run in another one",
    errno.EACCES: "allow this user to read and write it",
    errno.EPERM: "allow this user to read and write it",
    errno.EIO: "look after this disk; what was written to it may be lost",
    errno.EFBIG: "allow larger files (ulimit -f)",
    errno.ESTALE: "look after the network drive, then run this again",
    errno.ENOMEM: "allow this job more memory (mem_mb), or run fewer at once",
    errno.EMFILE: "allow more open files (ulimit -n)",
}

# what libraries say that cannot be loaded, or that tell want of memory by an error of their own
_WANT_OF_MEMORY = ("failed to map segment", "cannot allocate memory", "unable to allocate")


class Fault(NamedTuple):
    """Why the program ends without having done its work.

    Attributes
    ----------
    ending : Ending
        Whose fault it is.
    words : str
        For the user.
    """

    ending: Ending
    words: str


_REPORT = "This is a fault of mlm, not of your data: please report it with the lines above."
_MEMORY = "Not enough memory: allow this job more of it (mem_mb), or run fewer at once."
_WITH_TRACEBACK = ("memory", "fault")


def asked(words: Sequence[str]) -> tuple[Callable, ...]:
    """The command that the first words name, alone; all where they name none.

    To make all of them ready takes as long as what the smallest jobs do.

    Parameters
    ----------
    words : sequence of str
        Of the command line.

    Examples
    --------
    >>> [command.__name__ for command in asked(["--log", "x.log", "clean", "--help"])]
    ['clean']
    >>> asked(["--help", "clean"]) == asked([]) == asked(["--log", "clean"])
    True
    """
    own = words[2:] if words[:1] == ["--log"] else words
    found = tuple(command for command in _COMMANDS if [command.__name__] == [*own[:1]])
    return found or _COMMANDS


def make_app(
    begin: Callable[[Path], None], commands: Sequence[Callable] = _COMMANDS
) -> typer.Typer:
    """The program with its commands, in the order of the stages.

    Parameters
    ----------
    begin : callable
        Takes the log of the job that the program is.
    commands : sequence of callable
        Those that it is to have.
    """
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def program(
        log: Annotated[
            Path | None,
            typer.Option(
                help="Log to which this job's words go: how the job stands is told beside it, in "
                "*.status.json, which goes when the job is done.",
                show_default=False,
            ),
        ] = None,
    ) -> None:
        """Multilevel analysis of longitudinal surveys: from wave files to a report."""
        if log is not None:
            begin(log)

    for command in commands:
        settings = PASSED_ON if command is run else None
        app.command(command.__name__, context_settings=settings)(command)
    return app


def main() -> None:
    """Run the program on the command line's arguments; ends by ``SystemExit``.

    Memory is seldom looked through for what may be freed: what is large is freed where its last
    name goes, and what is left goes with the process (``jobs/leaving.py``).
    """
    gc.set_threshold(SELDOM, *gc.get_threshold()[1:])
    warnings.showwarning = show_warning
    status, words = StatusFile(), ExitStack()

    def begin(log: Path) -> None:
        status.begin(log)
        words.enter_context(progress.told(sys.stderr))

    progress = Progress()
    try:
        with words:
            make_app(begin, asked(sys.argv[1:]))(prog_name="mlm")
    except SystemExit as end:
        if not end.code and status.is_begun:
            print(progress.last_line(peak_mb()), file=sys.stderr)
        _close(status, end.code)
        raise
    except Exception as error:
        fault = _fault(error)
        if fault.ending in _WITH_TRACEBACK:
            traceback.print_exc()
        print(fault.words, file=sys.stderr)
        status.end(*fault)
        raise SystemExit(EXIT_CODES[fault.ending]) from None


def _close(status: StatusFile, code: object) -> None:
    """Take note of an end without an error; an interrupted job stays as it was."""
    if not code:
        status.done()
    elif code == EXIT_CODE:
        status.end("fault", None)  # wrong use of the command, which its log tells


def _fault(error: Exception) -> Fault:
    """Whose fault an error is, and what is said of it."""
    if isinstance(error, MLMError):
        return Fault("data" if error.exit_code == EXIT_CODE else "machine", str(error))
    if isinstance(error, OSError) and error.errno in _OUTSIDE:
        wanting = error.errno == errno.ENOMEM
        return Fault("memory" if wanting else "machine", _told(error))
    text = str(error).lower()
    if isinstance(error, MemoryError) or any(said in text for said in _WANT_OF_MEMORY):
        return Fault("memory", _MEMORY)
    return Fault("fault", _REPORT)


def _told(error: OSError) -> str:
    """What the machine has no room or right for: which file, how much room is left, the way out."""
    place = error.filename or "an output"
    room = ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT) and (folder := _folder_of(place)):
        disk = shutil.disk_usage(folder)
        room = f" ({size_text(disk.free)} of {size_text(disk.total)} are free there)"
    return f"{os.strerror(error.errno)}: {place}{room}; {_OUTSIDE[error.errno]}."


def _folder_of(place: str) -> Path | None:
    """The nearest folder above a path that exists."""
    path = Path(place).absolute()
    return next((folder for folder in path.parents if folder.is_dir()), None)


if __name__ == "__main__":
    main()
