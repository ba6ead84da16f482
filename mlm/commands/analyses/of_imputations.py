"""All models of one analysis of imputed data, pooled. Layer: commands.

There is one file of merged cross-products for each completed data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlm.errors import ResultError

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.results.missing.joint_model import JointImputations
    from mlm.statistics.answers.imputed.beside import ShiftedImputations
    from mlm.statistics.evidence.completed_samples import CompletedSamples


def analyse_imputed(
    configuration: Configuration,
    analysis: str,
    statistics: Sequence[Path],
    complete: Path | None,
    shifted: Sequence[str],
    survey: Path,
    out: Path,
    made_by: str | None,
) -> None:
    """Models of all imputations, pooled: results.json, and the fits in the folder fits/."""
    from mlm.commands.analyses.job import AnalysisJob
    from mlm.nouns.machine.kept_memory import keep_freed_memory
    from mlm.results.survey.survey import SurveyAccount
    from mlm.statistics.answers.imputed.analysis import analyse_imputed as pooled_analysis
    from mlm.statistics.evidence.crossproducts import CrossProducts

    keep_freed_memory()
    job = AnalysisJob.of("analyse_imputed", configuration, analysis, made_by)
    moved = _shifted_files(shifted)
    beside = [complete] if complete else []
    shifts = [path for paths in moved.values() for path in paths]
    job.made.check_apart([path, survey] for path in (*statistics, *beside, *shifts))
    imputations = _imputations(statistics)
    alone = CrossProducts.load(complete) if complete else None
    others = _shifted(moved, statistics[0])
    account = SurveyAccount.load(survey)
    results, fits = pooled_analysis(job.plan, imputations, account, alone, others)
    told = _drawn(statistics[0].parent)
    if told is not None:
        imputed = results.imputed.model_copy(update={"drawn": told})
        results = results.model_copy(update={"imputed": imputed})
    job.write(out, results, {name: fit.to_record() for name, fit in fits.items()})


def _drawn(folder: Path) -> JointImputations | None:
    """What is told of imputations that a joint model drew, beside them; None: they were brought."""
    from mlm.commands.writing import DRAWN
    from mlm.results.missing.joint_model import JointImputations

    path = folder / DRAWN
    return JointImputations.load(path) if path.is_file() else None


def _imputations(paths: Sequence[Path]) -> CompletedSamples:
    from mlm.statistics.evidence.completed_samples import CompletedSamples
    from mlm.statistics.evidence.crossproducts import CrossProducts

    draws = [CrossProducts.load(path) for path in paths]
    return CompletedSamples.of(draws, [str(path) for path in paths])


def _shifted_files(given: Sequence[str]) -> dict[tuple[str, float], list[Path]]:
    """Files by variable and shift, from the options as they were given."""
    found: dict[tuple[str, float], list[Path]] = {}
    for option in given:
        variable, _, rest = option.partition(":")
        by, _, path = rest.partition(":")
        try:
            key = variable, float(by)
        except ValueError:
            raise _not_a_shift(option) from None
        if not variable or not Path(path).is_file():
            raise _not_a_shift(option)
        found.setdefault(key, []).append(Path(path))
    return found


def _not_a_shift(option: str) -> ResultError:
    return ResultError(
        f"--shifted {option}: expected VARIABLE:SHIFT:FILE, such as ses:-0.5:shifted/1.npz, with a "
        "number and a file of merged statistics"
    )


def _shifted(files: dict[tuple[str, float], list[Path]], first: Path) -> list[ShiftedImputations]:
    """Shifted imputations, each compared with the first one that is not shifted."""
    from mlm.nouns.fewest import FEWEST_IMPUTATIONS
    from mlm.statistics.answers.imputed.beside import ShiftedImputations
    from mlm.statistics.evidence.completed_samples import CompletedSamples

    out = []
    for (variable, by), paths in files.items():
        if len(paths) < FEWEST_IMPUTATIONS:
            raise ResultError(
                f"--shifted {variable}:{by:g}: {len(paths)} file; give those of all imputations "
                f"with this shift, {FEWEST_IMPUTATIONS} at least"
            )
        together = _imputations([first, *paths])
        out.append(ShiftedImputations(variable, by, CompletedSamples(together.draws[1:])))
    return out
