"""The commands of one survey in this process, from its files to the results of its analyses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mlm.commands.accumulate import accumulate
from mlm.commands.analyse import analyse
from mlm.commands.clean import clean
from mlm.commands.columns import columns
from mlm.commands.link import link
from mlm.commands.merge import merge
from mlm.commands.residuals import residuals
from mlm.configuration import load_configuration


def merged(config: Path, out: Path, analyses: Iterable[str]) -> Path:
    """Clean, link, accumulate and merge a survey, as rules do.

    Parameters
    ----------
    config : Path
        Its configuration, whose wave files lie where it says.
    out : Path
        Folder to write.
    analyses : iterable of str
        Those that are made.

    Returns
    -------
    Path
        The folder: ``clean/``, ``columns.json``, ``survey.json``, and for each analysis a folder
        with ``statistics.npz``.
    """
    configuration = load_configuration(config)
    waves, rows = configuration.wave_names, _rows(config, out)
    ledgers = [path.with_suffix(".json") for path in rows]
    for wave, table, ledger in zip(waves, rows, ledgers, strict=True):
        clean(config, wave, configuration.wave_files(wave), table, ledger)
    columns(config, rows[0], out / "columns.json")
    sums = [_under(out / "statistics" / wave) for wave in waves]
    for wave, table, folder in zip(waves, rows, sums, strict=True):
        accumulate(config, wave, table, out / "columns.json", folder)
    link(config, rows, ledgers, out / "survey.json")
    for analysis in analyses:
        merge(config, analysis, sums, _under(out / analysis / "statistics.npz"))
    return out


def analysed(config: Path, out: Path, analyses: Iterable[str]) -> Path:
    """The same with each analysis: ``results.json`` and ``fits`` in its folder."""
    names = list(analyses)
    merged(config, out, names)
    is_undecided = load_configuration(config).is_undecided
    given = {"rows": _rows(config, out), "columns": out / "columns.json"} if is_undecided else {}
    for name in names:
        sums = [out / name / "statistics.npz"]
        analyse(config, name, out / "survey.json", out / name, sums, **given)
    return out


def with_residuals(config: Path, out: Path, analysis: str) -> Path:
    """The file of residuals of an analysis that is made."""
    at = out / analysis
    path = at / "residuals.json"
    read = at / "statistics.npz", at / "fits"
    residuals(config, analysis, *read, path, clean=_rows(config, out))
    return path


def _rows(config: Path, out: Path) -> list[Path]:
    """Clean rows of each wave."""
    return [_under(out / f"clean/{wave}.parquet") for wave in load_configuration(config).wave_names]


def _under(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
