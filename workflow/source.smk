import os
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from snakemake.exceptions import WorkflowError


def folder_of_code(base) -> Path:
    """Folder in which the modules of this workflow lie.

    That of a path is the path. Of a git source (``github(...)``, ``git+file://...``) Snakemake
    fetches single files: the code of the commit is unpacked below ``.snakemake/``, once.
    """
    if not hasattr(base, "ref"):
        if not base.is_local:
            raise WorkflowError(
                f"{base}: this workflow is more than one file; name it by a path or by a git source"
            )
        return Path(base)
    hosted = getattr(base, "hosted_repo", None)
    git = ["git", "-C", str(base.repo_path if hosted is None else hosted.repo_clone)]
    commit = _output(*git, "rev-parse", f"{base.ref}^{{commit}}").decode().strip()
    folder = Path(".snakemake", "mlm-code", commit).resolve()
    if not folder.is_dir():
        _unpack(
            _output(*git, "archive", "--format=tar", commit, "mlm", "reports", "workflow"), folder
        )
    return folder / "workflow"


def root_of_code(workflow: Path) -> Path | None:
    """The folder of a checkout in which ``mlm`` lies; None where the workflow is inside ``mlm``."""
    return workflow.parent if (workflow.parent / "mlm").is_dir() else None


def _unpack(archive: bytes, folder: Path) -> None:
    """Unpack a commit into a folder of its name, whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as work:
        unpacked = Path(work, folder.name)
        known = hasattr(tarfile, "data_filter")  # from Python 3.11.4 on
        safe = {"filter": "data"} if known else {}
        tarfile.open(fileobj=BytesIO(archive)).extractall(unpacked, **safe)
        (unpacked / "commit.txt").write_text(f"{folder.name}\n", encoding="ascii")
        try:
            unpacked.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was first
                raise


def _output(*command: str) -> bytes:
    run = subprocess.run(command, capture_output=True)
    if run.returncode:
        raise WorkflowError(f"{' '.join(command)}: {run.stderr.decode(errors='replace').strip()}")
    return run.stdout
