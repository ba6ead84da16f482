"""What each rule is told of a configuration, and which faults stop a run before it starts."""

from __future__ import annotations

import os
import re
import shutil
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from ruamel.yaml import YAML

import jobs
import parts
import stages
import surveys
from mlm.commands.made import Making, job_name
from mlm.errors import ConfigurationError

ROOT = Path(__file__).parents[2]

STAR = (ROOT / "config" / "star.yaml").read_text(encoding="utf-8")
LUNCH = re.search(r"^ +N: \{label: No free lunch.*\n.*$", STAR, re.MULTILINE)[0]
LAST_WAVE = next(line for line in STAR.splitlines() if "wave_3.csv" in line)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with the star survey, whose configuration a test may change."""
    (tmp_path / "config").mkdir()
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)

    def write(text=STAR, name="star"):
        (tmp_path / "config" / f"{name}.yaml").write_text(text, encoding="utf-8")

    write()
    return write


OF_STAR = parts.PARTS.keys() - {"intake", "link_wave", "accumulate_part", "residuals_of_wave"}
"""Stages of waves that are not shared out; of others see ``test_file_parts.py``."""


def _parts(stage, wave="K", analysis="math"):
    wildcards = SimpleNamespace(survey="star", wave=wave, analysis=analysis)
    return parts.part_of(stage, jobs.Jobs({}).configurations["star"], wildcards)


def _moved(project, before, after):
    """Stages whose part changes when a text in the configuration is replaced."""
    assert before in STAR
    old = {stage: _parts(stage) for stage in OF_STAR}
    project(STAR.replace(before, after, 1))
    return {stage for stage in OF_STAR if _parts(stage) != old[stage]}


ANALYSED = {"merge", "analyse", "analyse_sample", "residuals", "report", "units"}
ANALYSED |= {"merge_imputed", "analyse_imputed"}
WHOLE_SURVEY = {"simulate", "link", "impute", *ANALYSED}


def test_a_further_wave_leaves_the_jobs_of_older_waves_alone(project):
    assert _moved(project, f"{LAST_WAVE}\n", "") == WHOLE_SURVEY


OVER_WAVES = (
    "  n: {label: Pupils, type: number, level: school, aggregate: {within: school, "
    "statistic: count, waves: all}}\nanalyses:"
)


def test_a_statistic_over_all_waves_is_the_one_thing_that_older_waves_are_made_anew_for(project):
    project(STAR.replace("analyses:", OVER_WAVES))
    wave = SimpleNamespace(survey="star", wave="K")
    old = _parts("clean"), jobs.Jobs({}).files_beside(wave)
    assert len(old[1]) == 3 and len(jobs.Jobs({}).wave_files(wave)) == 1
    project(STAR.replace("analyses:", OVER_WAVES).replace(f"{LAST_WAVE}\n", ""))
    assert _parts("clean") != old[0]
    assert len(jobs.Jobs({}).files_beside(wave)) == 2


def test_a_term_is_no_business_of_cleaning(project):
    moved = _moved(project, "      - class_type:sex\n", "")
    assert {"link", "accumulate"} <= moved
    assert "clean" not in moved


@pytest.mark.parametrize("label", ["Mathematics score", "School grade", "Kindergarten"])
def test_a_label_is_the_business_of_pages_alone(project, label):
    assert _moved(project, f"label: {label}", "label: Another") == {"report", "units"}


def test_a_title_is_the_business_of_pages_alone(project):
    assert _moved(project, "title: Tennessee", "title: The Tennessee") == {"report", "units"}


def test_a_threshold_of_the_models_leaves_rows_and_cross_products_alone(project):
    assert _moved(project, "alpha: 0.05", "alpha: 0.01") == ANALYSED


def test_two_exchanged_values_change_the_part(project):
    assert "clean" in _moved(project, "range: [200, 900]", "range: [200, 800]")
    swapped = LUNCH.replace("N: {", "? {").replace("F: {", "N: {").replace("? {", "F: {")
    assert "clean" in _moved(project, LUNCH, swapped)


def test_order_of_categories_changes_the_part(project):
    moved = _moved(project, LUNCH, "\n".join(reversed(LUNCH.split("\n"))))
    assert {"clean", "accumulate", "analyse", "report"} <= moved


def test_all_missing_files_are_said_at_once(project):
    project(STAR.replace("wave_1.csv", "wave_one.csv").replace("wave_2.csv", "wave_two.csv"))
    with pytest.raises(ConfigurationError) as caught:
        surveys.choose_surveys({})
    assert len(caught.value.problems) == 2
    assert "wave_one.csv does not exist" in str(caught.value)


def test_the_index_lists_other_surveys_that_have_a_report(project, capsys):
    project(STAR.replace("survey: star", "survey: other"), name="other")
    chosen = jobs.Jobs({"surveys": "star"})
    names = {"survey": "star", "place": "publish"}
    star = [{**names, "analysis": analysis} for analysis in ("math", "read")]
    assert chosen.listed_reports == star
    folder = Path("results/other/math/publish")
    folder.mkdir(parents=True)
    (folder / "report.json").write_text("{}")
    Making(job_name("report", "other", "math")).record([folder])
    both = jobs.Jobs({"surveys": "star"}).listed_reports
    by_file = jobs.Jobs({"configs": "config/star.yaml"})
    assert by_file.surveys == ["star"] and by_file.listed_reports == both
    assert {"survey": "other", "analysis": "math", "place": "publish"} in both and len(both) == 3
    (folder / "report.json").write_text("{} ")
    assert jobs.Jobs({"surveys": "star"}).listed_reports == star
    assert "report.json: not what 'report math of other' wrote" in capsys.readouterr().err


def test_a_report_of_an_earlier_layout_is_told_and_not_listed(project, capsys):
    project(STAR.replace("survey: star", "survey: other"), name="other")
    folder = Path("results/other/math")
    folder.mkdir(parents=True)
    (folder / "report.json").write_text("{}")
    listed = jobs.Jobs({"surveys": "star"}).listed_reports
    assert {names["survey"] for names in listed} == {"star"}
    assert "results/other/math: its report is of an earlier version" in capsys.readouterr().err


def test_another_logo_is_the_business_of_reports_and_the_index_alone(
    project, tmp_path, monkeypatch
):
    monkeypatch.setattr(jobs.Jobs, "_code_and_software", lambda self, stage: stage)
    shape = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="{n}"/></svg>'
    (tmp_path / "logo.svg").write_text(shape.format(n=1))
    project(STAR.replace("design:", "publication: {style: {logo: logo.svg}}\ndesign:", 1))
    wildcards = SimpleNamespace(survey="star", wave="K", analysis="math")
    found = []
    for n in (1, 2):
        (tmp_path / "logo.svg").write_text(shape.format(n=n))
        made = jobs.Jobs({})
        assert list(map(str, made.style_files(wildcards))) == ["logo.svg"]
        assert list(map(str, made.listed_configs)) == ["config/star.yaml"]
        stages = {*OF_STAR, "index"}
        found.append({stage: made.made_by(stage)(wildcards) for stage in stages})
    moved = {stage for stage in stages if found[0][stage] != found[1][stage]}
    assert moved == {"report", "units", "index"}


def test_pages_of_single_units_are_made_where_they_are_asked_for(project):
    def stages_of():
        return {task.stage for task in stages.tasks(jobs.Jobs({}).configurations["star"])}

    assert "units" not in stages_of()
    inside = "disclosure: {mode: controlled}\npublication: {unit_pages: school}\ndesign:"
    project(STAR.replace("design:", inside, 1))
    assert "units" in stages_of()
    (task,) = (
        task
        for task in stages.tasks(jobs.Jobs({}).configurations["star"])
        if (task.stage, task.analysis) == ("units", "math")
    )
    assert stages.read_by(task, jobs.Jobs({}).configurations["star"]) == [
        "analyse math of star",
        "link of star",
    ]


FAULTS = {
    "unknown option": ({"survey": "star"}, "did you mean 'surveys'?"),
    "unknown survey": ({"surveys": "stra"}, "did you mean 'star'?"),
    "file that is not there": ({"configs": "config/none.yaml"}, "config/none.yaml"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_wrong_options_are_refused_with_a_hint(project, case):
    options, text = FAULTS[case]
    with pytest.raises(ConfigurationError, match=text.replace("?", r"\?")):
        surveys.choose_surveys(options)


def test_a_configuration_may_be_given_as_a_file_of_options(project):
    content = YAML(typ="safe").load(STAR)
    found = surveys.options_of(content, ["config/star.yaml"])
    assert found == {"configs": ["config/star.yaml"]}
    both = surveys.options_of({**content, "surveys": "star"}, ["config/star.yaml"])
    assert list(surveys.choose_surveys(both).chosen) == ["star"]


def test_keys_of_a_survey_without_a_file_are_answered_with_the_way_to_name_one(project):
    with pytest.raises(ConfigurationError, match=r"configs=config/NAME\.yaml") as caught:
        surveys.options_of(YAML(typ="safe").load(STAR), [])
    assert len(caught.value.problems) == 1


def test_a_file_of_options_in_config_is_no_survey(project):
    project("surveys: [star]\n", name="config")
    assert list(surveys.choose_surveys(surveys.options_of({}, [])).known) == ["star"]
    options = surveys.options_of({"surveys": ["star"]}, ["config/config.yaml"])
    assert options == {"surveys": ["star"]}


UNFINISHED = {
    "a key without a value": "survey: other\ntitle: [\n",
    "quoted, behind a comment": "# ?\nsurvey: 'other'  # ?\nlevels: ?\n",
    "a survey without a name": "levels: []\n",
    "nothing": "",
    "binary": "\x00",
}


@pytest.mark.parametrize("case", UNFINISHED)
def test_an_unfinished_configuration_does_not_stop_another_survey(project, case):
    project(UNFINISHED[case], name="other")
    assert list(surveys.choose_surveys({"surveys": "star"}).chosen) == ["star"]
    for options in ({}, {"surveys": "other"}, {"surveys": ["star", "other"]}):
        with pytest.raises(ConfigurationError, match=r"other\.yaml"):
            surveys.choose_surveys(options)


def test_a_wave_file_from_the_future_is_refused_with_the_way_out(project, tmp_path):
    (tmp_path / "data").unlink()
    shutil.copytree(ROOT / "data" / "star", tmp_path / "data" / "star")
    for name, year in (("wave_K", 2125), ("wave_1", 2008)):
        when = (datetime(year, 1, 1).timestamp(),) * 2
        os.utime(tmp_path / "data" / "star" / f"{name}.csv", when)
    with pytest.raises(ConfigurationError, match=r"touch data/star/wave_K\.csv") as caught:
        surveys.choose_surveys({})
    assert len(caught.value.problems) == 1


def test_two_files_of_one_survey_are_refused(project):
    project(STAR, name="copy")
    with pytest.raises(ConfigurationError, match="own name"):
        surveys.choose_surveys({})


def test_a_folder_without_configurations_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"config/README\.md"):
        surveys.choose_surveys({})
