"""Command: the recipe of all columns, with origins and units. Layer: commands."""

from __future__ import annotations

from mlm.commands.arguments import CleanFile, Config, MadeBy, OutFile


def columns(config: Config, clean: CleanFile, out: OutFile, made_by: MadeBy = None) -> None:
    """Fix origin and unit of every column, from the configuration and the first wave alone."""
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.commands.made import Making, job_name
    from mlm.commands.writing import write_json
    from mlm.configuration import load_configuration
    from mlm.rows.accumulating.wave_statistics import columns_of_survey

    configuration = load_configuration(config)
    arrow_without_pandas()
    made = Making(job_name("columns", configuration.survey), made_by)
    made.check([clean])
    write_json(out, columns_of_survey(configuration, clean))
    made.record([out])
