"""From merged statistics of several imputations to one results.json, by the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from mlm.commands.analyse import analyse
from mlm.commands.made import Making, job_name
from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.errors import DifferentImputations, FilesError, ResultError
from mlm.nouns.levels import WAVE
from mlm.results.analysis import AnalysisResults
from mlm.results.fit import StoredFit
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.statistics.evidence.merging import merge_waves
from tests.few_draws import few_draws
from tests.nested_rows import nested_rows
from tests.survey_accounts import EMPTY

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

WAVES = ("w0", "w1")
M = 2  # imputations
CATEGORIES = {kind: kind.upper() for kind in "abc"}
CONFIGURATION = {
    "survey": "small",
    "title": "Small",
    "description": "Small.",
    "source": "Invented.",
    "design": "same_schools",
    "levels": [{"name": n, "id": n, "plural": f"{n}s"} for n in ("county", "school", "pupil")],
    "time": {"name": "year", "label": "Year", "coding": "categories"},
    "waves": [{"name": w, "time": i, "files": [f"{w}.csv"]} for i, w in enumerate(WAVES)],
    "variables": {
        "y": {"label": "y", "type": "number", "level": "row"},
        "x": {"label": "x", "type": "number", "level": "row"},
        "kind": {"label": "kind", "type": "category", "level": "row", "categories": CATEGORIES},
    },
    "analyses": {"y": {"outcome": "y", "terms": ["x", "kind"]}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A configuration, the account of a survey, and merged statistics as other commands leave."""
    at = tmp_path_factory.mktemp("imputed")
    (at / "small.yaml").write_text(yaml.safe_dump(CONFIGURATION))
    configuration, rng = load_configuration(at / "small.yaml"), np.random.default_rng(2)
    sizes = {"county": 6, "school": 3, WAVE: 2, "row": 6}
    frame = nested_rows(rng, sizes, {"county": 0.2, "school": 0.3})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]}, pupil=[f"p{i}" for i in range(len(frame))])
    gone = rng.random(len(frame)) < 0.2
    columns = columns_of_survey(configuration, frame[frame[WAVE] == "w0"])

    def save(name: str, rows) -> None:
        parts = {
            w: accumulate_wave(configuration, w, rows[rows[WAVE] == w], columns)["y"] for w in WAVES
        }
        merge_waves(plan_of(configuration, "y"), parts).save(at / f"{name}.npz")
        Making(job_name("merge", "small", "y")).record([at / f"{name}.npz"])

    for i in range(M):
        drawn = frame["x"].where(~gone, rng.normal(size=len(frame)))
        save(f"m{i}", frame.assign(x=drawn))
        save(f"moved{i}", frame.assign(x=drawn + gone))
    save("complete", frame[~gone])
    (at / "survey.json").write_text(EMPTY.to_json())
    Making(job_name("link", "small")).record([at / "survey.json"])
    return at


def run(folder: Path, statistics: list[Path], **beside) -> None:
    with few_draws():
        analyse(
            folder / "small.yaml",
            "y",
            folder / "survey.json",
            folder / "out",
            statistics=statistics,
            **beside,
        )


def imputations(folder: Path) -> list[Path]:
    return [folder / f"m{i}.npz" for i in range(M)]


def test_results_and_fits_of_all_imputations_are_written(folder):
    shifted = [f"x:1:{folder / f'moved{i}.npz'}" for i in range(M)]
    run(folder, imputations(folder), complete=folder / "complete.npz", shifted=shifted)
    results = AnalysisResults.load(folder / "out" / "results.json")
    told = results.imputed
    assert (told.draws, told.different, told.searched) == (M, M, M)
    assert told.complete_cases.kind == "made"
    assert told.complete_cases.rows + told.complete_cases.rows_imputed == results.n_obs
    (shift,) = told.shifts
    assert (shift.variable, shift.by) == ("x", 1.0)
    assert any(c.difference != 0.0 for c in shift.coefficients)
    names = [folder / "out" / "fits" / f"settled.reml.{i}.fit.json" for i in range(1, M + 1)]
    fits = [StoredFit.load(path) for path in names]
    x = next(c for c in results.settled.reml.fixed if [f.variable for f in c.term] == ["x"])
    assert x.estimate == pytest.approx(np.mean([f.beta[f.names.index("x")] for f in fits]))
    assert 0.0 < x.missing_information < 1.0


@pytest.mark.parametrize("beside", ["complete", "shifted"])
def test_one_sample_has_nothing_beside(folder, beside):
    given = {"complete": folder / "complete.npz", "shifted": ["x:1:m0.npz"]}
    message = f"--{beside} stands beside imputations, and 1 --statistics was given"
    with pytest.raises(ResultError, match=message):
        run(folder, [folder / "m0.npz"], **{beside: given[beside]})


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("x:much:m0.npz", "expected VARIABLE:SHIFT:FILE"),
        ("x:1:none.npz", "expected VARIABLE:SHIFT:FILE"),
        ("x:1:{}/moved0.npz", "1 file; give those of all imputations"),
    ],
)
def test_a_shift_that_is_none_is_refused(folder, option, message):
    with pytest.raises(ResultError, match=message):
        run(folder, imputations(folder), shifted=[option.format(folder)])


def test_files_of_other_rows_and_files_that_were_changed_are_refused(folder):
    mixed = [*imputations(folder), folder / "complete.npz"]
    with pytest.raises(DifferentImputations, match=r"complete\.npz is no imputation of"):
        run(folder, mixed)
    changed = folder / "changed.npz"
    changed.write_bytes((folder / "m0.npz").read_bytes() + b" ")
    record = (folder / "m0.made.json").read_text().replace("m0.npz", "changed.npz")
    (folder / "changed.made.json").write_text(record)
    with pytest.raises(FilesError, match=r"changed\.npz"):
        run(folder, [*imputations(folder), changed])
