"""Whoever has the published files only recovers no count of few persons and no person's score.

The attack (``publication``, ``system``, ``counts``, ``scores``) knows files and nothing of mlm. It
finds what reports once gave away, kept in ``leaking/``, and is then set on small surveys.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.attack.counts import all_said, imputed_analyses
from tests.attack.making import make_versions
from tests.attack.publication import Publication, read_publication
from tests.attack.reader import Reader
from tests.attack.scores import (
    coefficients_of_few,
    ends_of_scores,
    means_of_two_units,
    score_of_one_less,
    values_behind_marks,
)
from tests.attack.surveys import draw_survey
from tests.attack.truth import ANALYSES, Truth
from tests.attack.versions import counts_of_versions

HERE = Path(__file__).parent
LEAKING = HERE / "leaking"
THRESHOLD, UNITS, GRID = 10, 3, 0.1
WIDTH = 0.5  # of a hidden total, by which its range must be open
ATTACK = (
    "publication.py",
    "system.py",
    "reader.py",
    "counts_of_rows.py",
    "counts_of_units.py",
    "counts.py",
    "scores.py",
    "versions.py",
)


def leaking(folder: str, *analyses: str) -> dict[str, Publication]:
    return {name: read_publication(LEAKING / folder / name) for name in analyses}


@pytest.mark.parametrize("module", ATTACK)
def test_the_attack_knows_nothing_of_mlm(module):
    tree = ast.parse((HERE / module).read_text(encoding="utf-8"))
    found = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names = [
        f"{n.module}.{a.name}" if n.module == "tests.attack" else n.module or ""
        for n in found
        for a in n.names
    ]
    names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert names
    allowed = {f"tests.attack.{Path(name).stem}" for name in ATTACK}
    assert {name for name in names if name.startswith("tests")} <= allowed
    assert not any(name.split(".")[0] == "mlm" for name in names)


def test_hidden_schools_follow_from_rows_over_mean_sizes():
    reader = all_said(leaking("star", "math"))
    for wave, schools in (("Kindergarten", 79), ("Grade 1", 76)):
        key = ("units", "Schools", wave)
        assert key in reader.hidden
        assert reader.system.range_of(key) == (schools, schools)


def test_a_hidden_leaver_follows_from_the_column_of():
    tables = {n: t for n, t in leaking("star", "read")["read"].tables.items() if n != "children"}
    reader = all_said({"read": Publication(tables)})
    for key in (("leave", "Schools", "Grade 1", "Grade 2"),
                ("new", "Schools", "Kindergarten", "Grade 1")):  # fmt: skip
        assert key in reader.hidden
        assert reader.system.range_of(key) == (1, 1)


def test_a_hidden_leaver_follows_in_the_same_row():
    reader = all_said(leaking("first", *ANALYSES))
    key = ("leave", "Schools", "Year A", "Year B")
    assert key in reader.hidden and reader.system.range_of(key) == (1, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("first", "plain"), ("second", "plain")), (("first", "plain"), ("first", "full"))],
    ids=["two versions", "two analyses"],
)
def test_a_score_follows_from_two_means(one, other):
    before, after = (read_publication(LEAKING / version / name) for version, name in (one, other))
    found = score_of_one_less(before, after, GRID)
    assert found and all(f"{s.low:.1f}" == f"{s.high:.1f}" == "571.4" for s in found)


def test_a_coefficient_that_rests_on_one_pupil_is_found():
    found = coefficients_of_few(leaking("first", "plain")["plain"])
    assert any("Zulu" in each for each in found)


def recovered_counts(reader: Reader, truth: Truth) -> list[str]:
    """Small counts, hidden or never printed, that can only be one number, or small, or near."""
    found = []
    for key in sorted(reader.system.keys, key=str):
        persons, schools = truth.persons(key), truth.schools(key)
        value = schools if persons is None else persons
        if value is None or not 0 < value < THRESHOLD or (persons is None and key not in
                                                          reader.hidden):  # fmt: skip
            continue
        low, high = reader.system.range_of(key)
        assert low <= value <= high, f"the attack errs on {key}: {low} to {high}, not {value}"
        is_narrow = high - low < WIDTH * value
        if low == high or (persons is not None and (high < THRESHOLD or is_narrow)):
            found.append(f"{key}: {low:.0f} to {high:.0f}, true {value}")
    return found


def recovered_by_versions(survey, published: dict[str, dict[str, Publication]]) -> list[str]:
    """Small counts of persons that follow from both versions together."""
    truths = {
        version: Truth(survey, rows, imputed_analyses(published[version]))
        for version, rows in (("first", survey.rows), ("second", survey.without))
    }
    system, found = counts_of_versions(published), []
    assert system.is_consistent()
    for version, key in sorted(system.keys, key=str):
        value = truths[version].persons(key)
        if value is None or not 0 < value < THRESHOLD:
            continue
        low, high = system.range_of((version, key))
        assert low <= value <= high, f"the attack errs on {key}: {low} to {high}, not {value}"
        if high < THRESHOLD or high - low < WIDTH * value:
            found.append(f"both versions: {key}: {low:.0f} to {high:.0f}, true {value}")
    return found


def recovered_scores(survey, published: dict[str, dict[str, Publication]]) -> list[str]:
    """Scores of the one pupil by whom two samples differ, from all pairs of reports."""
    reports = [report for version in published.values() for report in version.values()]
    found = [s for one in reports for other in reports for s in score_of_one_less(one, other, GRID)]
    true = {row.score for row in survey.rows}
    return [f"{s}" for s in found if any(v is not None and s.low - 1e-6 <= v <= s.high + 1e-6
                                         for v in true)]  # fmt: skip


def attacked(seed: int, folder: Path) -> list[str]:
    """What an attack recovers from both versions of a survey."""
    survey = draw_survey(seed)
    paths = make_versions(survey, folder)
    published = {
        version: {name: read_publication(path) for name, path in reports.items()}
        for version, reports in paths.items()
    }
    found = recovered_scores(survey, published) + recovered_by_versions(survey, published)
    for version, rows in (("first", survey.rows), ("second", survey.without)):
        reports = published[version]
        truth = Truth(survey, rows, imputed_analyses(reports))
        reader = all_said(reports)
        assert reader.system.is_consistent() and reader.hidden
        found += [f"{version}: {each}" for each in recovered_counts(reader, truth)]
        for name, report in reports.items():
            labels = {
                each: each.split(": ")[1].split(",")[0] for each in coefficients_of_few(report)
            }
            few = [each for each in labels if truth.is_few(labels[each], THRESHOLD, UNITS)]
            few += means_of_two_units(report) + ends_of_scores(report)
            found += [f"{version} {name}: {each}" for each in few + values_behind_marks(report)]
    return [f"survey {seed}, {each}" for each in found]


@pytest.mark.study
@pytest.mark.parametrize("seed", (1, 3, 8, 103))  # the last one's covariates are imputed
def test_nothing_is_recovered(seed, tmp_path):
    assert attacked(seed, tmp_path) == []


@pytest.mark.study
def test_nothing_is_recovered_of_many_surveys(tmp_path):
    found = [each for seed in range(200) for each in attacked(seed, tmp_path / str(seed))]
    assert not found, f"{Counter(each.split(',')[0] for each in found)}\n" + "\n".join(found)
