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


class Wildcards(dict):
    """Wildcards as Snakemake gives them: by name, and in pairs."""

    __getattr__ = dict.__getitem__


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


def test_an_analysis_of_which_nothing_is_said_may_draw_from_clean_rows(tmp_path):
    wildcards = Wildcards(survey="gaps", analysis="score")
    for missing, wanted in (("{}", ["a.parquet", "b.parquet"]), ("{method: complete}", [])):
        configuration = _configuration(tmp_path, missing)
        found = {f"{task.stage} {task.own}".strip() for task in stages.tasks(configuration)}
        assert {"analyse score", "residuals score"} <= found and "impute score" not in found
        jobs = SimpleNamespace(configurations={"gaps": configuration})
        waves = Jobs.for_waves(jobs, "{wave}.parquet")
        assert Jobs.to_draw_from(jobs, waves)(wildcards) == wanted
        assert len(Jobs.to_draw_from(jobs, "columns.json")(wildcards)) == len(wanted[:1])


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


@pytest.mark.study
@pytest.mark.workflow
def test_where_nothing_is_said_and_many_rows_are_lost_the_report_is_of_imputations(fresh_project):
    project = fresh_project
    for wave in ("K", "1"):
        path = project.folder / f"data/wave_{wave}.csv"
        head, *rows = path.read_text("utf-8").splitlines()
        place = head.split(",").index("ses")
        cells = [row.split(",") for row in rows]
        lacking = [[*row[:place], "", *row[place + 1 :]] for row in cells[::8]]
        cells[::8] = lacking
        path.write_text("\n".join([head, *map(",".join, cells)]) + "\n", "utf-8")
    run = project.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    folder = project.folder / "results" / "tiny" / "math"
    found = json.loads((folder / "results.json").read_text("utf-8"))
    assert found["imputed"]["drawn"]["rows"] == found["n_obs"]
    refused = json.loads((folder / "residuals.json").read_text("utf-8"))
    assert (refused["kind"], refused["reason"]["draws"]) == ("refused", found["imputed"]["draws"])
    assert "does not say what becomes of rows" in (folder / "publish/report.html").read_text(
        "utf-8"
    )
    ledger = (project.folder / "results" / "tiny" / "ledger.csv").read_text("utf-8")
    assert "analysis math: imputed where it can be" in ledger
    assert project.planned() == []
