"""A survey that brings imputed files: its jobs, what reruns them, and a run on real rows."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import mlm
import parts
import stages
from tests.imputed_files import FORMS, imputed_waves, observed_waves, write_imputed

DRAWS = 3
SAME_FITS = 1e-8  # relative: an optimum of the same criterion
COVARIATES = ("class_type", "ses", "sex")


def _configuration(folder, form: str = "mice", change=str):
    observed = observed_waves(schools=4, pupils=4)
    folder.mkdir(exist_ok=True)
    return write_imputed(folder, form, observed, imputed_waves(observed), change)


def test_imputed_files_are_completed_summed_and_merged_and_analysed_together(tmp_path):
    configuration = _configuration(tmp_path)
    found = [f"{task.stage} {task.own}".strip() for task in stages.tasks(configuration)]
    assert {"complete a", "complete b", "merge_imputed score", "analyse_imputed score"} <= {*found}
    assert not {"analyse score", "impute score", "residuals score"} & {*found}
    read = {task.name: stages.read_by(task, configuration) for task in stages.tasks(configuration)}
    assert read["accumulate a of gaps"] == [
        "clean a of gaps",
        "complete a of gaps",
        "columns of gaps",
    ]
    assert read["analyse_imputed score of gaps"] == [
        "merge_imputed score of gaps",
        "merge score of gaps",
        "link of gaps",
    ]
    assert "analyse_imputed score of gaps" in read["report score of gaps"]


@pytest.mark.parametrize("form", FORMS)
def test_cleaning_hangs_on_imputed_files_only_where_they_hold_the_observed_rows(form, tmp_path):
    wildcards = SimpleNamespace(survey="gaps", wave="a", analysis="score")
    given = _configuration(tmp_path, form)
    other = _configuration(tmp_path / "other", form, lambda t: t.replace("draws: 3", "draws: 4"))
    told = {
        stage: parts.part_of(stage, given, wildcards) != parts.part_of(stage, other, wildcards)
        for stage in ("clean", "complete", "link")
    }
    is_stacked, has_draws = given.observed_are_stacked, "draws" in given.missing.model_fields_set
    assert told == {"clean": is_stacked, "complete": has_draws, "link": False}
    assert is_stacked == (form in ("mice", "jomo", "stata", "spss"))


def _gone_at_random(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Rows of STAR in which lunch is missing, more often where mathematics are low."""
    place = pd.to_numeric(frame["math"]).rank(pct=True).fillna(0.5)
    return frame.assign(ses=frame["ses"].where(rng.random(len(frame)) < 0.4 + 0.5 * place, ""))


def _imputed(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Each gap filled by the value of a pupil of the same school, drawn at random."""
    made = frame.copy()
    for name in COVARIATES:
        for place in np.flatnonzero(frame[name] == ""):
            mates = frame.loc[frame["school"] == frame.loc[place, "school"], name]
            made.loc[place, name] = rng.choice(mates[mates != ""])
    return made


def _as_coded(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with numbers as such, and categories in the order of the codebook."""
    orders = {
        "grade": ["K", "1"],
        "class_type": ["reg", "reg+A", "small"],
        "ses": ["N", "F"],
        "sex": ["F", "M"],
    }
    coded = {name: pd.Categorical(frame[name], order) for name, order in orders.items()}
    return frame.assign(math=pd.to_numeric(frame["math"]), **coded)


@pytest.fixture
def imputed(fresh_project):
    """The small survey of real rows with imputations below them, and these row by row."""
    project, rng = fresh_project, np.random.default_rng(8)
    rows: dict[int, list[pd.DataFrame]] = {number: [] for number in range(1, DRAWS + 1)}
    for wave in ("K", "1"):
        path = project.folder / "data" / f"wave_{wave}.csv"
        frame = _gone_at_random(pd.read_csv(path, dtype=str, keep_default_na=False), rng)
        sets = [frame, *(_imputed(frame, rng) for _ in range(DRAWS))]
        for number, made in enumerate(sets):
            if number:
                rows[number].append(made.assign(grade=wave, wave=wave))
        long = [made.assign(**{".imp": k, ".id": made.index + 1}) for k, made in enumerate(sets)]
        pd.concat(long).to_csv(path, index=False)
    project.append(
        "config/tiny.yaml", f"missing: {{method: files, column: .imp, row: .id, draws: {DRAWS}}}\n"
    )
    return project, {number: pd.concat(frames) for number, frames in rows.items()}


@pytest.mark.study
@pytest.mark.workflow
def test_real_rows_with_imputations_become_a_report_of_pooled_answers(imputed):
    project, rows = imputed
    run = project.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    folder = project.folder / "results" / "tiny"
    found = json.loads((folder / "math" / "results.json").read_text("utf-8"))
    used = [_as_coded(frame[frame["math"] != ""]) for frame in rows.values()]
    assert found["n_obs"] == len(used[0])
    complete = found["imputed"]["complete_cases"]
    assert complete["rows"] + complete["rows_imputed"] == found["n_obs"]
    fits = [mlm.fit(found["full"]["formula"], frame) for frame in used]
    pooled = mlm.pool(fits).fixed_effects
    told = found["full"]["reml"]["fixed"]
    assert len(told) == len(pooled) > 8
    for name in ("estimate", "std_error"):
        np.testing.assert_allclose(
            sorted(item[name] for item in told), sorted(pooled[name]), rtol=SAME_FITS
        )
    assert (folder / "math" / "publish" / "report.pdf").exists()
    ledger = json.loads((folder / "clean" / "K.json").read_text("utf-8"))
    assert ledger["rows_kept"] == len(rows[1][rows[1]["wave"] == "K"])
    assert project.planned() == []
