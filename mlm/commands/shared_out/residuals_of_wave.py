"""Command: the rows of one wave read once more, for their residuals. Layer: commands."""

from __future__ import annotations

from mlm.commands.arguments import (
    Analysis,
    CleanFile,
    Config,
    FitsFolder,
    MadeBy,
    OutFile,
    StatisticsFile,
    Wave,
)


def residuals_of_wave(
    config: Config,
    analysis: Analysis,
    wave: Wave,
    clean: CleanFile,
    statistics: StatisticsFile,
    fits: FitsFolder,
    out: OutFile,
    made_by: MadeBy = None,
) -> None:
    """Sum the residuals of the rows of one wave under the settled model, for `residuals --part`.

    Where it was fitted to several imputations, which have no common residuals, no row is read and
    the file has no sums.
    """
    from mlm.commands.made import Making, job_name
    from mlm.commands.residuals import SETTLED
    from mlm.commands.writing import whole_file
    from mlm.configuration import load_configuration
    from mlm.configuration.planning import plan_of
    from mlm.rows.residuals.wave_residuals import sums_of_waves
    from mlm.statistics.evidence.arrays.array_files import write_arrays
    from mlm.statistics.evidence.crossproducts import CrossProducts
    from mlm.statistics.fitting.fit import Fit

    configuration = load_configuration(config)
    plan = plan_of(configuration, analysis)
    name = job_name("residuals_of_wave", configuration.survey, f"{analysis} {wave}")
    made = Making(name, made_by)
    made.check([clean, statistics, fits])
    with whole_file(out) as temporary:
        if (fits / SETTLED).is_file():
            fit, sample = Fit.from_json(fits / SETTLED), CrossProducts.load(statistics)
            sums_of_waves(plan, fit, sample, {wave: clean}).save(temporary)
        else:
            write_arrays(temporary, {})
    made.record([out])
