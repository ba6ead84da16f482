"""What made the files of a job: their hashes, and those of the jobs and files they rest on."""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from pydantic import Field

from mlm.results.names import Digest, JobName, MakerName, RecordedFile, Sha256
from mlm.results.record import Record


class FileHash(Record):
    """A file and its bytes."""

    file: RecordedFile
    sha256: Sha256


class JobDigest(Record):
    """A job and what stands for the bytes of its files."""

    job: JobName
    digest: Digest


class MadeRecord(Record):
    """What lies beside the outputs of a job, so that a change, a cut or a mix-up is noticed."""

    schema_version: Literal[2] = Field(2, alias="schema")
    job: JobName
    made_by: MakerName | None = Field(description="None: by hand")
    sources: tuple[FileHash, ...] = Field(description="files of the survey that were read")
    made_of: tuple[JobDigest, ...] = Field(description="jobs before this one, near and far")
    files: tuple[FileHash, ...] = Field(description="what the job wrote")

    @property
    def hashes(self) -> dict[str, str]:
        """Hash of each file that the job wrote."""
        return {item.file: item.sha256 for item in self.files}

    @property
    def source_hashes(self) -> dict[str, str]:
        """Hash of each file of the survey that was read."""
        return {item.file: item.sha256 for item in self.sources}

    @property
    def digests(self) -> dict[str, str]:
        """Digest of each job before this one."""
        return {item.job: item.digest for item in self.made_of}

    @property
    def digest(self) -> str:
        """What stands for the bytes of all files of the job."""
        text = json.dumps(self.hashes, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
