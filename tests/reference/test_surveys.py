"""Real surveys from their wave files to the fits of lme4, with a configuration alone."""

from __future__ import annotations

import csv
import gzip
import json
from functools import cache
from pathlib import Path

import pytest

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.linking.linking import link_waves
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.fitting.solution import fit_model
from tests.cleaned_waves import clean_wave
from tests.examples import ROOT, SHARED

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "surveys"

DEVIANCE = 1e-6
STANDARD_ERRORS = 1e-5  # of an estimate; lme4 stops within 1e-6 of it
VARIANCES = 1e-5  # relative; the deviance is flat there, so lme4's own digits end near 1e-7

# survey, analysis, terms of the model, name of lme4's model
FITS = [
    ("ilea567", "all_rows", "none", "null"),
    ("ilea567", "all_rows", "full", "full_all_rows"),
    ("ilea567", "exam", "full", "full"),
    pytest.param("pisa_europe", "all_rows", "none", "null", marks=pytest.mark.study),
    pytest.param("pisa_europe", "read", "full", "full", marks=pytest.mark.study),
    ("chem97", "score", "none", "null"),
    ("chem97", "score", "full", "full"),
    ("egsingle", "math", "none", "null"),
    ("egsingle", "math", "full", "full"),
]
# variable here: its name in the reference fits
NAMES = {
    "ilea567": {"Intercept": "(Intercept)", "year": "year_f"},
    "pisa_europe": {"Intercept": "(Intercept)", "year": "wave_f"},
    "chem97": {"Intercept": "(Intercept)", "gcse": "gcse_score_c", "age": "age_months_c"},
    "egsingle": {"Intercept": "(Intercept)", "lowinc": "school_lowinc"},
}
SPLIT_BY = {"ilea567": "year", "pisa_europe": "wave"}


@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize(("survey", "analysis", "terms", "name"), FITS)
def test_the_chain_gives_the_fit_of_lme4(
    survey, analysis, terms, name, criterion, tmp_path_factory
):
    if not (SHARED / survey / "reference.json").exists():
        pytest.skip(f"the reference fits of {survey} are not at hand")
    reference = json.loads((SHARED / survey / "reference.json").read_text(encoding="utf-8"))
    expected = next(
        m for m in reference["models"] if (m["name"], m["estimator"]) == (name, criterion)
    )
    plan, stats = evidence(survey, analysis, tmp_path_factory.getbasetemp())
    model = plan.model(()) if terms == "none" else plan.full_model()
    fit = fit_model(model, stats, criterion)
    assert fit.n_obs == expected["n_obs"]
    assert fit.deviance == pytest.approx(expected["criterion"], abs=DEVIANCE, rel=0)
    assert_same_effects(fit.fixed_effects, expected["fixed"], NAMES[survey])
    variances = [component["variance"][0] for component in expected["variance_components"]]
    variances.append(expected["residual_variance"])
    assert list(fit.variance_components["variance"]) == pytest.approx(variances, rel=VARIANCES)


def assert_same_effects(found, expected: list[dict], names: dict[str, str]) -> None:
    """Estimates and standard errors are those of lme4, term by term."""
    wanted = {frozenset(effect["term"].split(":")): effect for effect in expected}
    for term, row in found.iterrows():
        effect = wanted.pop(frozenset(lme4_name(part, names) for part in term.split(":")))
        assert row["std_error"] == pytest.approx(effect["se"], rel=STANDARD_ERRORS)
        assert abs(row["estimate"] - effect["estimate"]) < STANDARD_ERRORS * effect["se"]
    assert wanted == {}


def lme4_name(part: str, names: dict[str, str]) -> str:
    """Name that a factor of a term has in the reference fits."""
    variable, _, category = part.partition("[T.")
    return names.get(variable, variable) + category.rstrip("]")


@cache
def evidence(survey: str, analysis: str, folder: Path):
    """Plan and cross-products of an analysis, from the wave files on."""
    configuration, tables, ledgers = cleaned(survey, folder)
    columns = columns_of_survey(configuration, tables[configuration.wave_names[0]])
    waves = {
        wave: accumulate_wave(configuration, wave, table, columns)[analysis]
        for wave, table in tables.items()
    }
    plan = plan_of(configuration, analysis)
    return plan, merge_waves(plan, waves)


@cache
def cleaned(survey: str, folder: Path):
    """Configuration, cleaned rows and ledgers of a survey."""
    root = ROOT
    if survey in SPLIT_BY:
        root = folder / survey
        root.mkdir(exist_ok=True)
        split(SHARED / survey / "data.csv.gz", SPLIT_BY[survey], root)
    configuration = load_configuration(HERE / f"{survey}.yaml")
    tables, ledgers = {}, {}
    for wave in configuration.wave_names:
        table, ledgers[wave] = clean_wave(configuration, wave, root)
        tables[wave] = table.to_pandas()
    return configuration, tables, ledgers


def split(source: Path, column: str, folder: Path) -> None:
    """One file for each value of a column."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for value in sorted({row[column] for row in rows}):
        with open(folder / f"{value}.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(row for row in rows if row[column] == value)


@pytest.mark.parametrize("survey", ["ilea567", "pisa_europe"])
def test_the_account_of_the_survey(survey, tmp_path_factory):
    if not (SHARED / survey / "data.csv.gz").exists():
        pytest.skip(f"the data of {survey} are not at hand")
    configuration, tables, ledgers = cleaned(survey, tmp_path_factory.getbasetemp())
    account = link_waves(configuration, tables, ledgers)
    totals = {level.name: level.groups_total for level in account.levels}
    groups = {entry.level.ids: entry.groups for entry in account.hierarchy}
    assert account.rows.excluded == 0
    if survey == "ilea567":
        assert totals["school"] == 139
        assert groups["school", "wave"] == 304
        (school,) = [level for level in account.levels if level.name == "school"]
        assert [found.units for found in school.in_waves] == [38, 37, 64]
    else:
        assert totals["country"] == 23
        assert groups["country", "wave"] == 46
        assert groups["country", "wave", "school"] == 8813, "leading zeros of ids are kept"
        (school,) = [e for e in account.hierarchy if e.level.ids == ("country", "wave", "school")]
        assert school.children.one == 92
    warnings = [doubt for doubt in account.separability if doubt.severity == "warning"]
    assert warnings == [], "no false alarm"
