"""Command: imputations of what rows lack, as merged cross-products. Layer: commands."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlm.commands.arguments import Analysis, CleanFiles, Config, MadeBy, OutFolder
from mlm.errors import NotConverged

if TYPE_CHECKING:
    from mlm.results.coefficient import Term
    from mlm.results.missing.joint_model import Convergence


def impute(
    config: Config,
    analysis: Analysis,
    clean: CleanFiles,
    columns: Annotated[Path, typer.Option(help="Recipe of the columns.", exists=True)],
    out: OutFolder,
    made_by: MadeBy = None,
) -> None:
    """Draw what rows lack from a joint model: merged cross-products, one file an imputation."""
    from mlm.commands.made import Making, job_name
    from mlm.commands.tables import by_wave
    from mlm.commands.writing import DRAWN, SHIFTED, read_json, whole_folder, write_text
    from mlm.configuration import load_configuration
    from mlm.rows.accumulating.parquet_source import ParquetSource
    from mlm.rows.imputing.survey_imputations import impute_survey

    configuration = load_configuration(config)
    paths = by_wave(configuration, clean)
    made = Making(job_name("impute", configuration.survey, analysis), made_by)
    made.check([*clean, columns])
    waves = {wave: ParquetSource.of([path]) for wave, path in paths.items()}
    found = impute_survey(configuration, analysis, waves, read_json(columns))
    _tell_of_chains(analysis, found.record.convergence)
    with whole_folder(out) as folder:
        write_text(folder / DRAWN, found.record.to_json())
        _save(found.statistics(), folder)
        for variable, by in found.plan.missing.shift.items():
            if variable in found.draws.missing:
                _save(found.statistics({variable: by}), folder / SHIFTED / variable)
    made.record([out])


def _tell_of_chains(analysis: str, found: Convergence) -> None:
    """Warn of chains that do not agree."""
    if found.converged:
        return
    of = found.r_hat_of
    columns = " and ".join(_column(each) for each in (of.response, of.other) if each is not None)
    where = f" between units of {of.level.unit}" if of.level and of.kind != "coefficient" else ""
    text = (
        f"analysis {analysis}: the chains that draw missing values do not agree yet: split R-hat "
        f"is {found.r_hat:.2f} for the {of.kind} of {columns}{where}, the fewest effective draws "
        f"are {found.effective_draws:.0f}, after {found.burn_in + found.iterations} iterations. "
        "Imputed values that hang on it may be wrong. Give the chains more iterations (missing: "
        "{iterations: ...}); look whether the data tell it at all (no case with both, a category "
        "of few); or leave one of the columns out of the analysis or of 'auxiliary'."
    )
    warnings.warn(text, NotConverged, stacklevel=2)


def _column(term: Term) -> str:
    """A column of the joint model as a warning names it."""
    parts = (f"{each.variable} {each.category or ''}".strip() for each in term)
    return " times ".join(parts) or "the intercept"


def _save(statistics, folder: Path) -> None:
    """Write cross-products as 1.npz, 2.npz, ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, products in enumerate(statistics, start=1):
        products.save(folder / f"{number}.npz")
