"""What made the files of a job: their hashes, and those of the jobs and files they rest on."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field

from mlm.results.names import Digest, Sha256
from mlm.results.record import Record

JobName = Annotated[str, Field(description="stage, wave or analysis, and survey")]
FileName = Annotated[str, Field(description="path from the record's folder, or as configured")]


class MadeRecord(Record):
    """What lies beside the outputs of a job, so that a change, a cut or a mix-up is noticed."""

    schema_version: Literal[1] = Field(1, alias="schema")
    job: JobName
    made_by: str | None = Field(description="configuration, code and software; None: by hand")
    sources: dict[FileName, Sha256] = Field(description="files of the survey that were read")
    made_of: dict[JobName, Digest] = Field(description="jobs before this one, near and far")
    files: dict[FileName, Sha256] = Field(description="what the job wrote")

    @property
    def digest(self) -> str:
        """What stands for the bytes of all files of the job."""
        text = json.dumps(self.files, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
