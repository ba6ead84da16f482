"""Command: some files of a wave taken in by themselves. Layer: commands."""

from __future__ import annotations

from typing import Annotated

import typer

from mlm.commands.arguments import Config, MadeBy, OutFolder, Wave, WaveFiles

ACCOUNT = "account.json"
"""File beside the runs of a part that tells of them."""


def intake(
    config: Config,
    wave: Wave,
    files: WaveFiles,
    out: OutFolder,
    first: Annotated[
        int, typer.Option(help="Number of the first of these files in the wave, from 0.", min=0)
    ] = 0,
    made_by: MadeBy = None,
) -> None:
    """Take in some files of a wave, for `clean --part`: their rows coded, nothing told yet.

    What is wrong with them `clean` tells, with that of all other files of the wave.
    """
    from mlm.commands.clean import check_room
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.commands.made import Making, file_hash, job_name
    from mlm.commands.writing import whole_folder
    from mlm.configuration import load_configuration
    from mlm.nouns.machine.kept_memory import keep_freed_memory
    from mlm.rows.cleaning.parted.taking_in import take_in

    keep_freed_memory()
    survey = load_configuration(config)
    arrow_without_pandas()
    configuration = survey.with_some_files(wave, first, files)
    names = configuration.wave(wave).files[first : first + len(files)]
    made = Making(job_name("intake", configuration.survey, f"{wave} {out.name}"), made_by)
    check_room(files, out)
    with whole_folder(out) as folder:
        account = take_in(configuration, wave, names, folder)
        for run in () if account.is_sound else folder.iterdir():
            run.unlink()
        (folder / ACCOUNT).write_text(account.to_json(), encoding="utf-8", newline="\n")
    hashes = {file.file: file.sha256 for file in account.files} or {
        name: file_hash(path) for name, path in zip(names, files, strict=True) if path.is_file()
    }
    made.record([out], sources=hashes)
