"""Command: the cross-products of all waves added up, in each imputation. Layer: commands."""

from __future__ import annotations

from mlm.commands.arguments import Analysis, Config, MadeBy, OutFolder, StatisticsFolders


def merge_imputed(
    config: Config,
    analysis: Analysis,
    statistics: StatisticsFolders,
    out: OutFolder,
    made_by: MadeBy = None,
) -> None:
    """Add the cross-products of all waves in each imputation: one file <number>.npz for each."""
    from mlm.commands.made import Making, job_name
    from mlm.commands.tables import by_wave
    from mlm.commands.writing import whole_folder
    from mlm.configuration import load_configuration
    from mlm.configuration.missing.planning import n_imputations
    from mlm.configuration.planning import plan_of
    from mlm.statistics.evidence.crossproducts import CrossProducts
    from mlm.statistics.evidence.merging import merge_waves

    configuration = load_configuration(config)
    folders = by_wave(configuration, statistics)
    made = Making(job_name("merge_imputed", configuration.survey, analysis), made_by)
    made.check(statistics)
    plan = plan_of(configuration, analysis)
    with whole_folder(out) as folder:
        for number in range(1, n_imputations(configuration) + 1):
            name = f"imputed/{number}/{analysis}.npz"
            waves = {
                wave: CrossProducts.load(sums / name, lazily=True) for wave, sums in folders.items()
            }
            merge_waves(plan, waves).save(folder / f"{number}.npz")
    made.record([out])
