"""The study of imputed surveys: replicates from files to reports, to a file, and its table.

    python -m tests.recovery.imputed_study draw same_pupils rates.jsonl --replicates 500 --told 10
    python -m tests.recovery.imputed_study table rates.jsonl

Each survey is cleaned, linked, accumulated and merged by commands; its analysis draws values as it
does where a configuration says nothing of missing values, but for fewer iterations. The full model
of these imputations stands beside those of the full data and of complete rows. Of one survey in ten
the analysis goes on to its results, and these to the report: the full model that is told is the
same one, its random part searched, and the intervals of the settled model are read from the table
that is published. Drawing goes on where a file ends.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import numpy as np

import mlm
from mlm.commands.analyses import of_drawn
from mlm.commands.report import report
from mlm.configuration import load_configuration
from mlm.configuration.missing import planning
from mlm.configuration.planning import plan_of
from mlm.nouns.model import Model
from mlm.results.missing.joint_model import JointImputations
from mlm.results.models import Fit
from mlm.results.sampled.loading import load_results
from mlm.rows.imputing import survey_imputations
from mlm.statistics.answers.imputed import analysis
from mlm.statistics.evidence.crossproducts import CrossProducts
from tests.bands import binomial_band
from tests.commands_in_process import analysed, merged
from tests.few_draws import few_draws
from tests.recovery.incomplete_surveys import DESIGNS, TRUTH, complete_survey, with_losses, write

SCHOOLS = {"new_schools": 60, "same_schools": 100, "same_pupils": 100}  # in a wave
PUPILS = 8
DRAWS, ITERATIONS = 10, 100
TOLD_EACH = 10  # surveys of which one goes on to its results and its report
FIRST_SEED = 1000  # of the imputations of a survey
NOMINAL = 0.95
OF = ("printed", "told", "imputed", "full", "complete")


def replicate(
    design: str, seed: int, told_each: int = TOLD_EACH
) -> dict[str, dict[str, list[float]]]:
    """Estimates, ends of their intervals and variances, imputed, of full data, of complete rows."""
    rng = np.random.default_rng([DESIGNS.index(design), seed])
    full = complete_survey(rng, design, SCHOOLS[design], PUPILS)
    lost = with_losses(full, design, rng)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), few_draws():
        warnings.simplefilter("ignore")
        at = Path(folder)
        whole = write(at / "whole", full, design, {"method": "complete"})
        gaps = write(at / "gaps", lost, design, {})
        kept = _Kept(goes_on=seed % told_each == 0)
        with _fewer_iterations(), _drawn_apart(seed), kept.kept(), suppress(_Enough):
            analysed(gaps, at / "out", ["y"])
        out = at / "out"
        known = merged(whole, at / "known", ["y"])
        model = plan_of(load_configuration(gaps), "y").full_model()
        sums = [CrossProducts.load(each / "y" / "statistics.npz") for each in (known, out)]
        chains = kept.record.convergence
        told = {}
        if kept.goes_on:
            results = out / "y" / "results.json"
            told = {"told": _told(load_results(results).full.reml)}
            report(gaps, "y", results, out / "survey.json", out / "y" / "report")
            told["printed"] = _printed(out / "y" / "report" / "publish" / "tidy.csv")
        return {
            **told,
            "imputed": _fitted(model, kept.draws),
            "full": _fitted(model, sums[:1]),
            "complete": _fitted(model, sums[1:]),
            "chains": {"r_hat": [chains.r_hat], "iterations": [chains.burn_in + chains.iterations]},
        }


@contextmanager
def _fewer_iterations() -> Iterator[None]:
    with patch.multiple(planning, USUAL_DRAWS=DRAWS, MOST_ITERATIONS=ITERATIONS):
        yield


@contextmanager
def _drawn_apart(seed: int) -> Iterator[None]:
    """Random numbers of their own: the same in all surveys would move all estimates alike."""
    with patch.object(survey_imputations, "IMPUTATION_SEED", FIRST_SEED + seed):
        yield


class _Enough(Exception):
    """An analysis that need not go on."""


@dataclass
class _Kept:
    """The imputations that an analysis draws, and what is told of them."""

    goes_on: bool
    draws: list[CrossProducts] = field(default_factory=list)
    record: JointImputations | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep them; the analysis ends there, or goes on."""
        analyse, draw = analysis.analyse_imputed, of_drawn.draw_imputations

        def analysed_then(plan, imputations, *given):
            self.draws = list(imputations.draws)
            if not self.goes_on:
                raise _Enough
            return analyse(plan, imputations, *given)

        def drawn(*given):
            found = draw(*given)
            self.record = found.record
            return found

        with (
            patch.object(analysis, "analyse_imputed", analysed_then),
            patch.object(of_drawn, "draw_imputations", drawn),
        ):
            yield


def _fitted(model: Model, sums: Sequence[CrossProducts]) -> dict[str, list[float]]:
    """A model of merged sums, or pooled over several."""
    fits = [mlm.fit(model, each) for each in sums]
    found = mlm.pool(fits) if len(fits) > 1 else fits[0]
    table = found.fixed_effects
    names = [next(n for n in table.index if n.startswith(of or "Intercept")) for of in TRUTH]
    return {
        **{end: table.loc[names, end].tolist() for end in ("estimate", "lower", "upper")},
        "variance": found.variance_components["variance"].tolist(),
    }


def _told(fit: Fit) -> dict[str, list[float]]:
    """A model as results tell it."""
    found = {"".join(f.variable for f in each.term): each for each in fit.fixed}
    return {
        end: [getattr(found[of], end) for of in TRUTH] for end in ("estimate", "lower", "upper")
    }


def _printed(path: Path) -> dict[str, list[float]]:
    """The settled model as its report prints it."""
    with path.open(encoding="utf-8", newline="") as table:
        found = {
            "" if row["group"] == "constant" else row["group"]: row
            for row in csv.DictReader(table)
            if row["statistic"] == "coefficient"
        }
    return {
        end: [float(found[of][end] or "nan") if of in found else float("nan") for of in TRUTH]
        for end in ("estimate", "lower", "upper")
    }


def draw(design: str, path: Path, replicates: int, told_each: int = TOLD_EACH) -> None:
    """Add replicates of a design to a file."""
    done = {(line["design"], line["seed"]) for line in _lines([path])}
    with path.open("a", encoding="utf-8") as out:
        for seed in range(replicates):
            if (design, seed) not in done:
                line = {"design": design, "seed": seed, **replicate(design, seed, told_each)}
                out.write(json.dumps(line) + "\n")
                out.flush()


def _lines(paths: Iterable[Path]) -> list[dict]:
    texts = [path.read_text(encoding="utf-8") for path in paths if path.exists()]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def table(lines: list[dict], design: str) -> list[str]:
    """Differences from the full data in per cent of it, their errors, and coverage, of a design."""
    own = [line for line in lines if line["design"] == design]
    values = {
        (of, what): np.array([line[of][what] for line in own if of in line], dtype=float)
        for of in OF
        for what in ("estimate", "lower", "upper", "variance")
        if any(what in line.get(of, {}) for line in own)
    }
    n, truth = len(own), np.array(list(TRUTH.values()))
    low, high = binomial_band(n, NOMINAL, 0.05 / len(truth))
    out = [f"{design}: {n} surveys, band of coverage {low:.3f} to {high:.3f}"]
    for of in ("imputed", "complete"):
        for what in ("estimate", "variance"):
            moved = values[of, what] - values["full", what]
            size = np.abs(values["full", what].mean(axis=0)) / 100.0
            mean, error = moved.mean(axis=0) / size, moved.std(axis=0) / np.sqrt(n) / size
            cells = [f"{m:.1f} ({e:.1f})" for m, e in zip(mean, error, strict=True)]
            out.append(f"{of} {what}: {' | '.join(cells)}")
    for of in (each for each in OF if (each, "lower") in values):
        lower, upper = values[of, "lower"], values[of, "upper"]
        there = ~np.isnan(lower)
        held = ((lower <= truth) & (upper >= truth)).sum(axis=0) / there.sum(axis=0)
        cells = [f"{share:.3f} of {k}" for share, k in zip(held, there.sum(axis=0), strict=True)]
        out.append(f"{of} coverage: {' | '.join(cells)}")
    chains = [line["chains"] for line in own]
    agreed = np.mean([each["r_hat"][0] <= 1.05 for each in chains])
    iterations = np.mean([each["iterations"][0] for each in chains])
    return [*out, f"R-hat at most 1.05 in {agreed:.2f}; {iterations:.0f} iterations on average"]


def main() -> None:
    """Draw replicates, or print the table of those that were drawn."""
    parser = argparse.ArgumentParser(description=__doc__)
    modes = parser.add_subparsers(dest="mode", required=True)
    drawing = modes.add_parser("draw")
    drawing.add_argument("design", choices=DESIGNS)
    drawing.add_argument("path", type=Path)
    drawing.add_argument("--replicates", type=int, default=500)
    drawing.add_argument("--told", type=int, default=TOLD_EACH)
    modes.add_parser("table").add_argument("paths", type=Path, nargs="+")
    given = parser.parse_args()
    if given.mode == "draw":
        draw(given.design, given.path, given.replicates, given.told)
        return
    lines = _lines(given.paths)
    for design in DESIGNS:
        if any(line["design"] == design for line in lines):
            print(*table(lines, design), sep="\n")


if __name__ == "__main__":
    main()
