"""Command: the clean rows of one wave read for linking. Layer: commands."""

from __future__ import annotations

from mlm.commands.arguments import CleanFile, Config, MadeBy, OutFolder, Wave


def link_wave(
    config: Config, wave: Wave, clean: CleanFile, out: OutFolder, made_by: MadeBy = None
) -> None:
    """Read the rows of one wave for `link --part`: ids of units, first values, counts, patterns.

    Where rows are not the units of the lowest level, `link` reads them itself.
    """
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.commands.made import Making, job_name
    from mlm.commands.writing import whole_folder
    from mlm.configuration import load_configuration
    from mlm.nouns.machine.kept_memory import keep_freed_memory
    from mlm.rows.linking.apart.part_of_wave import part_of_wave

    keep_freed_memory()
    arrow_without_pandas()
    configuration = load_configuration(config)
    made = Making(job_name("link_wave", configuration.survey, wave), made_by)
    made.check([clean])
    with whole_folder(out) as folder:
        part_of_wave(configuration, wave, clean, folder)
    made.record([out])
