"""How a job of a run stands: what whoever looks after jobs may ask of one that ended badly."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.errors import EXIT_CODES, Ending
from mlm.results.names import LastWords
from mlm.results.record import Record


class JobStatus(Record):
    """What lies beside the log of a job that runs or that ended without its outputs."""

    schema_version: Literal[1] = Field(1, alias="schema")
    ending: Ending | None = Field(description="None: it runs, or was killed")
    words: LastWords | None = Field(description="None: as above, or its log alone has them")
    peak_mb: float = Field(
        description="most memory, in 10**6 bytes, that it and the processes that it started had "
        "held when last looked at"
    )
    seconds: float = Field(description="age of the job when last looked at")

    @property
    def exit_code(self) -> int | None:
        """With which the command ended; None for one that did not end by itself."""
        return None if self.ending is None else EXIT_CODES[self.ending]
