"""Columns that a score decides are left to choose, and are no terms of a draft."""

from __future__ import annotations

import pytest

from mlm.rows.scaffold.made_of_scores import made_of_scores
from mlm.rows.scaffold.profiles import profile_file
from tests.unit.rows.scaffold.made_files import drafted, school, score, sex, table

N = 120


def domain(i: int) -> str:
    return "read" if i % 2 else "listen"


COLUMNS = {
    "passed": lambda i: int(score(i) > 25),
    "level": lambda i: "abc"[(score(i) > 15) + (score(i) > 35)],
    "passed_domain": lambda i: int(score(i) > (20 if domain(i) == "read" else 30)),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_bands_of_a_score_are_found(tmp_path, name):
    rows = {"school": school, "score": score, "domain": domain, "sex": sex, name: COLUMNS[name]}
    path = table(tmp_path, "s_1.csv", N, **rows)
    file = profile_file(path, "s_1.csv")
    assert made_of_scores([file], ["domain", "sex", name], ["score"]) == {name: "score"}


def test_what_a_score_decides_is_no_term(tmp_path):
    rows = {"school": school, "score": score, "sex": sex, "passed": COLUMNS["passed"]}
    text, configuration = drafted(tmp_path, [table(tmp_path, "s_1.csv", N, **rows)])
    (analysis,) = configuration.analyses.values()
    assert analysis.terms == ("sex",)
    assert "# - passed # is decided by score" in text


def test_few_rows_on_one_side_tell_nothing(tmp_path):
    rows = {"school": school, "score": score, "top": lambda i: int(score(i) == max(scores()))}
    file = profile_file(table(tmp_path, "s_1.csv", N, **rows), "s_1.csv")
    assert made_of_scores([file], ["top"], ["score"]) == {}


def scores() -> list[float]:
    return [score(i) for i in range(N)]


def test_the_weight_of_schools_of_a_programme_is_known_by_its_name(tmp_path):
    rows = {"id_school": school, "isei": score, "sex": sex}
    rows |= {"w_fstuwt": lambda i: 1.0 + i % 7, "wnrschbw": lambda i: 10.5 * school(i)}
    text, configuration = drafted(tmp_path, [table(tmp_path, "s_1.csv", N, **rows)])
    assert configuration.sampling.weights["school"].column == "wnrschbw"
    assert "no weight of units above" not in text
