"""Command: the cleaned rows of one wave, and its ledger. Layer: commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlm.commands.arguments import Config, MadeBy, OutFile, Wave

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.results.survey.account import WaveLedger
    from mlm.rows.cleaning.parted.account import PartAccount

TIMES, TIMES_PACKED = 3, 15  # size of what is made over that of the file, plain or compressed


def clean(
    config: Config,
    wave: Wave,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="The wave's files, in the order in which the configuration names them; by hand "
            "they may be left out, and all files are those of the configuration.",
            default_factory=list,
            show_default=False,
        ),
    ],
    out: OutFile,
    ledger: Annotated[Path, typer.Option(help="Ledger to write.", show_default=False)],
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file of another wave, where a policy for moves or a statistic over all waves "
            "looks at it; each of them, in the order of the waves and of their files.",
        ),
    ] = None,
    part: Annotated[
        list[Path] | None,
        typer.Option(
            help="A folder of `mlm intake`, where the wave's files were taken in by several jobs; "
            "each of them, in the order of the files.",
            exists=True,
        ),
    ] = None,
    made_by: MadeBy = None,
) -> None:
    """Check and clean the rows of one wave; account for every row."""
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.commands.made import Making, file_hash, job_name
    from mlm.commands.tables import write_blocks
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.nouns.machine.kept_memory import keep_freed_memory
    from mlm.rows.cleaning.cleaning import clean_in_chunks

    keep_freed_memory()
    survey = load_configuration(config)
    arrow_without_pandas()
    others = [name for name in survey.waves_looked_at(wave) if name != wave]
    configuration = survey
    if files or made_by is not None:  # a job is given its files, and reads no others
        configuration = survey.with_files([wave], files).with_files(others, beside or [])
    made = Making(job_name("clean", configuration.survey, wave), made_by)
    made.check([*_simulated(configuration, wave), *(part or [])])
    sources = _sources(configuration, others)
    hashes = {name: file_hash(path) for name, path in sources.items() if path.is_file()}
    check_room(configuration.wave_files(wave), out)
    account = _from_parts(configuration, wave, part or [], out)
    if account is None:
        cleaned = clean_in_chunks(configuration, wave)
        write_blocks(out, cleaned.schema, cleaned.blocks())
        account = cleaned.ledger
    write_text(ledger, account.to_json())
    own = {} if configuration.simulate else {f.file: f.sha256 for f in account.files}
    made.record([out, ledger], sources={**hashes, **own})


def check_room(files: Sequence[Path], out: Path) -> None:
    """Refuse to read files for which there is no room on disk, there or for temporary files."""
    from mlm.commands.writing import check_disk_space
    from mlm.rows.cleaning.store import temporary_folder

    check_disk_space(
        [out.parent, Path(temporary_folder())],
        sum(_space_needed(path) for path in files if path.is_file()),
    )


def _from_parts(
    configuration: Configuration, wave: str, folders: Sequence[Path], out: Path
) -> WaveLedger | None:
    """Rows brought together from the parts of a wave, and its ledger.

    None where there are no parts, or the rows are to be looked at together.

    Raises
    ------
    SurveyError
        Something is wrong with the files of the wave.
    """
    if not folders:
        return None
    from mlm.commands.shared_out.intake import ACCOUNT
    from mlm.commands.tables import write_blocks
    from mlm.rows.cleaning.parted.account import PartAccount
    from mlm.rows.cleaning.parted.looking import tell_faults
    from mlm.rows.cleaning.parted.meeting import NotParted, PartedWave

    parts = [(folder, PartAccount.load(folder / ACCOUNT)) for folder in folders]
    _check_same_files(configuration, wave, parts)
    try:
        parted = PartedWave(configuration, wave, parts)
    except NotParted:
        tell_faults(configuration, wave)
        return None
    write_blocks(out, parted.schema, parted.blocks())
    return parted.ledger()


def _check_same_files(
    configuration: Configuration, wave: str, parts: Sequence[tuple[Path, PartAccount]]
) -> None:
    """Refuse parts of files that are others now."""
    from mlm.commands.made import AGAIN, file_hash
    from mlm.errors import FilesError

    names = configuration.wave(wave).files
    paths = dict(zip(names, configuration.wave_files(wave), strict=True))
    problems = [
        f"{folder}: made of another {file.file} than the one that is there; delete {folder} {AGAIN}"
        for folder, account in parts
        for file in account.files
        if file.file in paths and file_hash(paths[file.file]) != file.sha256
    ]
    if problems:
        raise FilesError(problems)


def _simulated(configuration: Configuration, wave: str) -> list[Path]:
    """The folder of drawn waves, made by an earlier job."""
    if configuration.simulate is None:
        return []
    return [path.parent for path in configuration.wave_files(wave)[:1]]


def _sources(configuration: Configuration, others: Sequence[str]) -> dict[str, Path]:
    """Delivered files of other waves by name; the wave's own are hashed as they are read."""
    if configuration.simulate is not None:
        return {}
    return {
        name: path
        for other in others
        for name, path in zip(
            configuration.wave(other).files, configuration.wave_files(other), strict=True
        )
    }


def _space_needed(path: Path) -> int:
    """Bytes that cleaning a file may take on disk: coded columns twice, and what is written."""
    from mlm.nouns.file_formats import format_of

    known = format_of(path)
    is_packed = known is None or known.is_packed
    return path.stat().st_size * (TIMES_PACKED if is_packed else TIMES)
