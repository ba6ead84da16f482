"""Command: the cross-products of all waves added up. Layer: commands."""

from __future__ import annotations

from mlm.commands.arguments import Analysis, Config, MadeBy, OutFile, StatisticsFolders


def merge(
    config: Config,
    analysis: Analysis,
    statistics: StatisticsFolders,
    out: OutFile,
    made_by: MadeBy = None,
) -> None:
    """Add the cross-products of all waves and make the columns with time."""
    from mlm.commands.made import Making, job_name
    from mlm.commands.tables import by_wave
    from mlm.commands.writing import whole_file
    from mlm.configuration import load_configuration
    from mlm.configuration.planning import plan_of
    from mlm.nouns.machine.kept_memory import keep_freed_memory
    from mlm.statistics.evidence.crossproducts import CrossProducts
    from mlm.statistics.evidence.merging import merge_waves

    keep_freed_memory()
    configuration = load_configuration(config)
    folders = by_wave(configuration, statistics)
    made = Making(job_name("merge", configuration.survey, analysis), made_by)
    made.check(statistics)
    waves = {
        wave: CrossProducts.load(folder / f"{analysis}.npz", lazily=True)
        for wave, folder in folders.items()
    }
    merged = merge_waves(plan_of(configuration, analysis), waves)
    with whole_file(out) as temporary:
        merged.save(temporary)
    made.record([out])
