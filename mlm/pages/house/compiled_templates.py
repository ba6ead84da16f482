"""Templates as Python compiles them, kept beside the compiled modules of this folder.

Compiling the templates of a page takes as long as filling them. What is kept is used as long as the
text of the template, Python, Jinja and the settings of the environment are the same; it is neither
written nor read where Python writes no compiled modules.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates in a folder; what cannot be read or written is compiled anew."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read what is kept of a template."""
        try:
            super().load_bytecode(bucket)
        except Exception:
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a template was compiled to."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_templates(settings: dict[str, Any]) -> CompiledTemplates | None:
    """Where the templates of an environment are kept; None where none may be.

    Parameters
    ----------
    settings : dict
        How the environment reads templates: part of the names of the files.
    """
    folder = Path(__file__).parent / "__pycache__"
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return None
    made_by = f"{jinja2.__version__} {sorted(settings.items(), key=str)}"
    digest = hashlib.sha256(made_by.encode()).hexdigest()[:16]
    return CompiledTemplates(str(folder), f"template-{digest}-%s.bin")
