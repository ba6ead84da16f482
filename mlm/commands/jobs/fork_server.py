"""The process from which the small jobs of a run are forked. Layer: commands.

Loading libraries and the models of the configuration takes half a second, most of what a small job
takes. This process has loaded them and forks for each job, which then is a process of its own with
the arguments, the folder, the environment and the streams of the one that handed it over
(``handing_over.py``). The workflow starts it where jobs run on this machine
(``workflow/ready_process.py``); it ends with the run.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mlm.commands.jobs.arrow import arrow_without_pandas
from mlm.commands.jobs.handing_over import CODE_BYTES, TAKEN, identity, stage_of
from mlm.commands.jobs.leaving import leaving

_EVERY = ("mlm.commands.program", "mlm.configuration", "mlm.commands.made", "mlm.commands.tables")
_ROWS = ("pyarrow.parquet", "pyarrow.csv", "pyarrow.compute", "numpy.ma")
_SUMS = ("mlm.configuration.planning", "mlm.configuration.missing.planning",
         "mlm.statistics.evidence.storage", "mlm.statistics.evidence.sampling_storage")  # fmt: skip
LOADED = {
    "clean": (*_ROWS, "mlm.rows.cleaning.cleaning"),
    "complete": (*_ROWS, "mlm.rows.cleaning.cleaning"),
    "link": (*_ROWS, "mlm.rows.linking.linking"),
    "ledger": ("mlm.pages.ledger_table", "mlm.results.survey.survey"),
    "columns": (*_ROWS, "mlm.rows.accumulating.wave_statistics"),
    "accumulate": (*_ROWS, "mlm.rows.accumulating.wave_statistics", *_SUMS[2:]),
    "merge": (*_SUMS, "mlm.statistics.evidence.merging"),
    "analyse": (*_ROWS, *_SUMS, "scipy.optimize", "threadpoolctl", "mlm.commands.analyses.job",
                "mlm.commands.analyses.of_sums", "mlm.statistics.answers.analysis"),
    "residuals": (*_ROWS, *_SUMS, "threadpoolctl", "mlm.rows.residuals.wave_residuals",
                  "mlm.statistics.fitting.fit"),
    "report": (*_ROWS, "babel", "typst", "docx", "pptx", "xlsxwriter", "fontTools.ttLib",
               "mlm.pages.report", "mlm.pages.figures", "mlm.pages.html",
               "mlm.pages.office.slides", "mlm.pages.office.word", "mlm.pages.pdf",
               "mlm.pages.spreadsheets.csv_files", "mlm.pages.spreadsheets.workbook",
               "mlm.commands.reporting.collecting", "mlm.commands.reporting.keeping",
               "mlm.commands.reporting.provenance", "mlm.commands.reporting.publishing"),
    "index": ("mlm.pages.index", "mlm.commands.reporting.publishing"),
}  # fmt: skip
"""What is loaded before the first job of a stage: what it would load itself."""
_SURVEY = ("mlm.results.survey.survey", "SurveyAccount")
_ANALYSIS = ("mlm.results.analysis", "AnalysisResults")
_FIT, _ROWS_LEFT = ("mlm.results.fit", "StoredFit"), ("mlm.results.residuals", "Residuals")
READ = {
    "link": (_SURVEY,),
    "ledger": (_SURVEY,),
    "analyse": (_SURVEY, _ANALYSIS, _FIT),
    "residuals": (_FIT, _ROWS_LEFT),
    "report": (_SURVEY, _ANALYSIS, _ROWS_LEFT),
}
"""Records that one stage writes and others read, by their modules: built once for all jobs."""
PATIENCE = 5.0  # seconds for a request to arrive whole


class HandedOver(NamedTuple):
    """What was handed over.

    Attributes
    ----------
    arguments : list of str
        Of the command line.
    folder : str
        In which it works.
    environment : dict
        Its variables.
    streams : list of int
        Descriptors of its output and of its errors.
    """

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    streams: list[int]

    def begin(self) -> None:
        """Make this process the one that does the job."""
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, stream in enumerate([nothing, *self.streams]):
            os.dup2(stream, descriptor)
            os.close(stream)
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.environment)
        gc.enable()
        sys.argv = ["mlm", *self.arguments]


class ForkServer:
    """Forks for each job that is handed over, and tells how it ended.

    Parameters
    ----------
    listener : socket.socket
        To which jobs come.
    run : int
        Descriptor of a pipe whose other end is closed when the run is over.
    """

    def __init__(self, listener: socket.socket, run: int):
        self._jobs = 0
        self._is_over = False
        self._loaded: set[str | None] = set()
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self._selector.register(run, selectors.EVENT_READ, self._over)

    def serve(self) -> HandedOver | None:
        """A job, in the process that was forked for it; None in this one, when the run is over."""
        while self._jobs or not self._is_over:
            for key, _ in self._selector.select():
                if key.fileobj in self._selector.get_map():
                    job = key.data(key.fileobj)
                    if job is not None:
                        return job
        return None

    def _over(self, run: int) -> None:
        self._is_over = True
        self._selector.unregister(run)

    def _accept(self, listener: socket.socket) -> HandedOver | None:
        connection, _ = listener.accept()
        try:
            connection.settimeout(PATIENCE)
            job = _received(connection)
            if job is not None:
                self._load(stage_of(job.arguments))
                _read_configuration(job)
                connection.sendall(TAKEN)
                return self._forked(job, connection)
        except (OSError, ValueError):
            pass  # who handed it over is gone
        connection.close()
        return None

    def _load(self, stage: str | None) -> None:
        """Load what jobs of a stage use, and take it out of the collector's sight in these."""
        if stage not in self._loaded:
            self._loaded.add(stage)
            names = (*_EVERY, *LOADED.get(stage, ()))
            for name in names:
                importlib.import_module(name)
            if "pyarrow.compute" in names:
                arrow_without_pandas()
            _build_records(stage)
            if stage == "clean":
                _prepare_cleaning()
            gc.freeze()

    def _forked(self, job: HandedOver, connection: socket.socket) -> HandedOver | None:
        process = os.fork()
        if process == 0:
            for end in [key.fileobj for key in self._selector.get_map().values()]:
                end.close() if isinstance(end, socket.socket) else os.close(end)
            self._selector.close()
            connection.close()
            return job
        for stream in job.streams:
            os.close(stream)
        self._jobs += 1
        ending = os.pidfd_open(process)
        self._selector.register(
            connection, selectors.EVENT_READ, lambda _: self._given_up(connection, process)
        )
        self._selector.register(
            ending, selectors.EVENT_READ, lambda _: self._ended(ending, process, connection)
        )
        return None

    def _given_up(self, connection: socket.socket, process: int) -> None:
        """Who handed the job over has ended: so does the job."""
        self._selector.unregister(connection)
        os.kill(process, signal.SIGTERM)

    def _ended(self, ending: int, process: int, connection: socket.socket) -> None:
        self._jobs -= 1
        self._selector.unregister(ending)
        os.close(ending)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if connection in self._selector.get_map():
            self._selector.unregister(connection)
            with suppress(OSError):
                connection.sendall(code.to_bytes(CODE_BYTES, signed=True))
        connection.close()


def _build_records(stage: str | None) -> None:
    """Build what checks the fields of the records that jobs of several kinds read and write."""
    from mlm.configuration import Configuration
    from mlm.results.runs.made import FileHash, JobDigest, MadeRecord
    from mlm.results.runs.status import JobStatus

    named = [getattr(importlib.import_module(module), name) for module, name in READ.get(stage, ())]
    for record in (Configuration, MadeRecord, JobDigest, FileHash, JobStatus, *named):
        record.model_rebuild()


def _prepare_cleaning() -> None:
    """The same of what every job makes that cleans a wave."""
    from mlm.nouns.ids.unit_words import names_class
    from mlm.results.survey import account, spellings

    names_class("class")
    for record in (account.WaveLedger, account.FileAccount, account.Roles, account.UnitCount,
                   account.NumberSummary, account.CategorySummary, account.CategoryCount,
                   account.CategoryUnits, account.NoId, account.EmptyCell, spellings.IdForms,
                   spellings.DigitCount):  # fmt: skip
        record.model_rebuild()


def _read_configuration(job: HandedOver) -> None:
    """Read the text of the configuration that a job is given, the first word behind its options.

    What is wrong with it the job tells; that of all reports names its configurations by an option.
    """
    from mlm.configuration.document import composed

    given = job.arguments[job.arguments.index("--") + 1 :] if "--" in job.arguments else []
    if given and stage_of(job.arguments) != "index":
        with suppress(Exception):
            composed(Path(job.folder, given[0]).read_text(encoding="utf-8"))


def _received(connection: socket.socket) -> HandedOver | None:
    """A job; None where it did not arrive, or is for another Python or other code."""
    head, streams, _, _ = socket.recv_fds(connection, CODE_BYTES, 2)
    left, parts = int.from_bytes(head), []
    while left and (part := connection.recv(left)):
        parts.append(part)
        left -= len(part)
    *content, code = json.loads(b"".join(parts)) if parts and not left else [None]
    if code == identity():
        return HandedOver(*content, streams)
    for stream in streams:
        os.close(stream)
    return None


def main() -> None:
    """Wait for jobs at the socket whose descriptor is the argument, until the input ends.

    While libraries are loaded nothing becomes free that is worth a look through all of them.
    """
    gc.disable()
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        job = ForkServer(listener, sys.stdin.fileno()).serve()
    if job is not None:
        job.begin()
        from mlm.commands.program import main as program

        program()


if __name__ == "__main__":
    leaving(main)
