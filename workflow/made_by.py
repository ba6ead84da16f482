"""What makes the files of a job beside its input files, as one text that is compared.

The text names the part of the configuration that the stage uses, its code, templates and texts, by
their hashes, and the versions of the libraries. It is a parameter of each rule, so that Snakemake
reruns a job when it changes and says in one line what changed, and it stands in the record beside
the outputs, so that a change is noticed where Snakemake's own notes are lost.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from content import Contents
from mlm.configuration import Configuration

STATISTICAL = ("numpy", "scipy", "pandas", "pyarrow", "formulaic")
REPORTING = ("matplotlib", "jinja2", "typst", "xlsxwriter", "fonttools", "babel")
SOFTWARE = {
    "simulate": STATISTICAL,
    "intake": STATISTICAL,
    "clean": STATISTICAL,
    "complete": STATISTICAL,
    "link_wave": STATISTICAL,
    "link": STATISTICAL,
    "ledger": REPORTING,
    "columns": STATISTICAL,
    "accumulate_part": STATISTICAL,
    "accumulate": STATISTICAL,
    "merge": STATISTICAL,
    "analyse": STATISTICAL,
    "merge_imputed": STATISTICAL,
    "impute": STATISTICAL,
    "analyse_imputed": STATISTICAL,
    "analyse_sample": STATISTICAL,
    "residuals_of_wave": STATISTICAL,
    "residuals": STATISTICAL,
    "report": (*STATISTICAL, *REPORTING),
    "units": (*STATISTICAL, *REPORTING),
    "index": REPORTING,
}
MODULES = {
    "intake": "shared_out.intake",
    "accumulate_part": "shared_out.accumulate_part",
    "analyse": "analyses.of_sums",
    "analyse_imputed": "analyses.of_imputations",
    "analyse_sample": "analyses.of_sample",
    "link_wave": "shared_out.link_wave",
    "residuals_of_wave": "shared_out.residuals_of_wave",
}
"""Modules of stages in a room of their own; others are named after their stage."""

WITH_TEMPLATES = {"report", "units", "index"}
STYLED = {"report", "units"}


def module_of(stage: str) -> str:
    """The module of a stage's command, on which its code is hashed."""
    return f"mlm.commands.{MODULES.get(stage, stage)}"


def software(stage: str) -> str:
    """Versions of Python and of the packages that a stage's outputs depend on."""
    versions = [f"python {sys.version_info.major}.{sys.version_info.minor}"]
    versions.extend(f"{name} {_version(name)}" for name in SOFTWARE[stage])
    return ", ".join(versions)


@cache
def _version(package: str) -> str:
    """Version of a package that is installed; several stages name it."""
    return importlib.metadata.version(package)


def short_hash(text: str) -> str:
    """Beginning of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def style_of(configuration: Configuration, contents: Contents) -> list:
    """The house style of a survey: its keys, its publisher, and the contents of its files."""
    said = configuration.publication
    files = {name: contents.hash_of(path) for name, path in configuration.style_files.items()}
    return [
        said.style.model_dump(mode="json"),
        said.publisher,
        configuration.disclosure.mode,
        files,
    ]


def hash_of_files(folder: Path, contents: Contents) -> str:
    """Hash over the names and the contents of all files of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines: Iterable[str] = (
        f"{path.relative_to(folder).as_posix()} {contents.hash_of(path)}\n" for path in files
    )
    return short_hash("".join(lines))
