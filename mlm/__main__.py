"""The command line program ``mlm``: its list of commands, and how it ends.

Exit code 0: done. 2: data, configuration or claim are at fault; 3: the machine is, or a file that
an earlier stage made; the message stands alone on the error stream and says what to do. 1: a fault
of this package, with its traceback.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import traceback
import warnings
from pathlib import Path

import typer

from mlm.commands.accumulate import accumulate
from mlm.commands.analysing import analyse
from mlm.commands.check import check
from mlm.commands.clean import clean
from mlm.commands.columns import columns
from mlm.commands.index import index
from mlm.commands.init import init
from mlm.commands.ledger import ledger
from mlm.commands.link import link
from mlm.commands.merge import merge
from mlm.commands.report import report
from mlm.commands.residuals import residuals
from mlm.commands.schema import schema
from mlm.commands.simulate import simulate
from mlm.commands.units import units
from mlm.commands.writing import size_text
from mlm.errors import FILES_EXIT_CODE, MLMError

_COMMANDS = (
    init,
    check,
    simulate,
    clean,
    link,
    ledger,
    columns,
    accumulate,
    merge,
    analyse,
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


def make_app() -> typer.Typer:
    """The program with all its commands, in the order of the stages."""
    app = typer.Typer(
        help="Multilevel analysis of longitudinal surveys: from wave files to a report.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for command in _COMMANDS:
        app.command(command.__name__)(command)
    return app


def main() -> None:
    """Run the program on the command line's arguments and end the process."""
    warnings.showwarning = _show_warning
    try:
        make_app()(prog_name="mlm")
    except MLMError as error:
        _end(str(error), error.exit_code)
    except MemoryError:
        _end_for_want_of_memory()
    except OSError as error:
        if error.errno in _OUTSIDE:
            _end(_told(error), FILES_EXIT_CODE)
        _end_with_traceback()
    except Exception as error:
        if any(text in str(error).lower() for text in _WANT_OF_MEMORY):
            _end_for_want_of_memory()
        _end_with_traceback()


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


def _end(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    raise SystemExit(code) from None


def _end_for_want_of_memory() -> None:
    traceback.print_exc()
    _end(
        "Not enough memory: allow this job more of it (mem_mb), or run fewer at once.",
        FILES_EXIT_CODE,
    )


def _end_with_traceback() -> None:
    traceback.print_exc()
    _end("This is a fault of mlm, not of your data: please report it with the lines above.", 1)


def _show_warning(message, category, filename, lineno, file=None, line=None) -> None:
    print(f"{category.__name__}: {message}", file=file or sys.stderr)


if __name__ == "__main__":
    main()
