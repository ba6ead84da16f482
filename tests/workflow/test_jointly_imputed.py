"""A survey whose missing values are drawn from a joint model: its jobs, and a run on real rows."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

import parts
import stages
from jobs import Jobs
from mlm.configuration import load_configuration
from tests.imputed_files import CONFIGURATION, observed_waves

DRAWS = 3
MISSING = f"{{method: joint, draws: {DRAWS}, shift: {{ses: -0.5}}}}"


def _configuration(folder, missing: str = MISSING):
    folder.mkdir(exist_ok=True)
    for wave, frame in observed_waves(schools=4, pupils=4).items():
        frame.to_csv(folder / f"{wave}.csv", index=False, na_rep="NA")
    path = folder / "gaps.yaml"
    path.write_text(CONFIGURATION.format(suffix=".csv", missing=missing), "utf-8")
    return load_configuration(path)


def test_missing_values_are_drawn_from_clean_rows_and_analysed_together(tmp_path):
    configuration = _configuration(tmp_path)
    tasks = list(stages.tasks(configuration))
    found = {f"{task.stage} {task.own}".strip() for task in tasks}
    assert {"merge score", "impute score", "analyse_imputed score"} <= found
    assert not {"complete a", "merge_imputed score", "analyse score", "residuals score"} & found
    read = {task.name: stages.read_by(task, configuration) for task in tasks}
    assert read["impute score of gaps"] == ["clean a of gaps", "clean b of gaps", "columns of gaps"]
    assert read["analyse_imputed score of gaps"] == [
        "impute score of gaps",
        "merge score of gaps",
        "link of gaps",
    ]


def test_imputations_are_given_to_the_analysis_with_those_that_are_shifted(tmp_path):
    configuration = _configuration(tmp_path)
    jobs = SimpleNamespace(configurations={"gaps": configuration})
    wildcards = SimpleNamespace(survey="gaps", analysis="score")
    options = Jobs.imputations(jobs, wildcards, SimpleNamespace(imputed="folder"))
    assert options == [
        *(f"--statistics=folder/{k}.npz" for k in range(1, DRAWS + 1)),
        *(f"--shifted=ses:-0.5:folder/shifted/ses/{k}.npz" for k in range(1, DRAWS + 1)),
    ]
    wildcards = SimpleNamespace(survey="gaps", analysis="plain")  # which does not hold ses
    assert len(Jobs.imputations(jobs, wildcards, SimpleNamespace(imputed="folder"))) == DRAWS


def test_drawing_hangs_on_the_draws_and_not_on_thresholds(tmp_path):
    wildcards = SimpleNamespace(survey="gaps", wave="a", analysis="score")
    given = _configuration(tmp_path)
    more = _configuration(tmp_path / "more", MISSING.replace("draws: 3", "draws: 4"))
    texts = [parts.part_of("impute", each, wildcards) for each in (given, more)]
    assert texts[0] != texts[1]
    assert parts.part_of("clean", given, wildcards) == parts.part_of("clean", more, wildcards)
    assert '"alpha"' not in texts[0]


@pytest.mark.study
@pytest.mark.workflow
def test_real_rows_with_gaps_become_a_report_of_pooled_answers(fresh_project):
    project = fresh_project
    project.append("config/tiny.yaml", f"missing: {{method: joint, draws: {DRAWS}}}\n")
    run = project.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    folder = project.folder / "results" / "tiny" / "math"
    found = json.loads((folder / "results.json").read_text("utf-8"))
    complete, drawn = found["imputed"]["complete_cases"], found["imputed"]["drawn"]
    assert complete["rows"] + complete["rows_imputed"] == found["n_obs"] == drawn["rows"]
    assert {each["variable"] for each in drawn["missing_in"]} == {"ses"}
    assert drawn["responses"] == ["math", "ses[F]"]
    assert drawn["levels"] == [["school"], ["school", "pupil"]]
    assert sorted(path.name for path in (folder / "imputed").glob("*.npz")) == [
        f"{k}.npz" for k in range(1, DRAWS + 1)
    ]
    assert (folder / "publish" / "report.pdf").exists()
    assert project.planned() == []
    project.replace("config/tiny.yaml", f"draws: {DRAWS}", f"draws: {DRAWS + 1}")
    assert "Impute math of tiny" in project.planned()
    assert not any(text.startswith("Clean") for text in project.planned())
