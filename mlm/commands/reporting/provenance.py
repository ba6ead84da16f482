"""What made a report: version, commit, libraries, configuration. Layer: commands."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.results.runs.provenance import Provenance

WORKFLOWS = ("Snakefile", "workflow/Snakefile")
"""Where Snakemake looks for a workflow by itself, and this package has one."""

PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "snakemake", "matplotlib", "typst")


def provenance(config: Path, survey: str) -> Provenance:
    """Version and commit of the code, day, libraries, and the configuration with its hash.

    The day is today's (UTC), or that of ``SOURCE_DATE_EPOCH`` where it is set: then the same
    inputs make the same bytes.
    """
    from mlm import __version__
    from mlm.results.runs.provenance import ConfigurationFile, Library, Provenance

    head, has_changes = revision(Path(__file__).parents[1])
    return Provenance(
        version=__version__,
        commit=head,
        has_changes=has_changes,
        date=day(),
        python=platform.python_version(),
        packages=tuple(Library(name=name, version=_version(name)) for name in PACKAGES),
        command=command(config, survey),
        configuration=ConfigurationFile(
            path=config.as_posix(), sha256=hashlib.sha256(config.read_bytes()).hexdigest()
        ),
    )


def command(config: Path, survey: str) -> str:
    """The command that makes the report: of this survey alone, by its file outside ``config/``.

    In a folder without the workflow it is that of the package.
    """
    if not any(Path(place).is_file() for place in WORKFLOWS):
        return f"mlm run {quote(config.as_posix())}"
    at_home = config.parent.as_posix() == "config"
    chosen = f"surveys={survey}" if at_home else f"configs={quote(config.as_posix())}"
    return f"snakemake --cores all --config {chosen}"


def revision(folder: Path) -> tuple[str | None, bool | None]:
    """Commit of the code in a folder, and whether it was changed since; None where none is known.

    The folder is a checkout, or was unpacked of a commit by the workflow. One that lies in the
    checkout of something else, as an environment in a project's folder does, has none of its own.
    """
    unpacked = folder / "commit.txt"
    if unpacked.is_file():
        return unpacked.read_text(encoding="ascii").strip()[:12], False
    top = _git(folder, "rev-parse", "--show-toplevel")
    head = _git(folder, "rev-parse", "--short=12", "HEAD")
    if head is None or top is None or not Path(top).samefile(folder):
        return None, None
    return head, bool(_git(folder, "status", "--porcelain", "--untracked-files=no", "."))


def day() -> str:
    """Day of the report, as year-month-day."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return now.date().isoformat()


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        run = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return run.stdout.strip() if run.returncode == 0 else None


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
