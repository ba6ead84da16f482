"""What a public report of a sample must not show of few people, in any of its files."""

from __future__ import annotations

import json
import re
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlm.errors import ResultError
from mlm.pages.disclosure.auditing import check_files
from mlm.pages.disclosure.printed import Printed
from mlm.pages.text import plain_text
from tests.drawn_cases import cases
from tests.unit.pages.sampled import (
    sampled_context,
    sampled_files,
    sampled_inputs,
    sampled_records,
    sampled_report,
)
from tests.unit.pages.sampled.variants import with_everything

pytestmark = pytest.mark.slow

LANGUAGE, OTHER, FEW = 1, 1, 2  # places of the variable, of its middle and its small category
TOLD = ("means", "shares_at/0")


def place(told: str, category: int, wave: int = 0) -> str:
    return f"results#/{told}/by/{LANGUAGE}/categories/{category}/waves/{wave}/"


def group(inputs: dict, told: str, category: int, wave: int = 0) -> dict:
    found = inputs["results"]["means"] if told == "means" else inputs["results"]["shares_at"][0]
    return found["by"][LANGUAGE]["categories"][category]["waves"][wave]


def shown(document: dict) -> dict[str, float]:
    """Every number of a document by its source."""
    numbers = [number for __, number in Printed().take(document).numbers]
    return {n["source"]: n["value"] for n in numbers if isinstance(n["source"], str)}


@pytest.fixture(scope="module")
def report():
    return sampled_report()


@pytest.fixture(scope="module")
def files():
    return sampled_files()


@pytest.mark.parametrize("told", TOLD)
def test_nothing_is_shown_of_a_small_category(report, told):
    assert not [source for source in shown(report.document) if source.startswith(place(told, FEW))]


def without_gaps(inputs: dict) -> dict:
    """The same with all rows in a category: none lacks the language."""
    results = inputs["results"]
    for told in (results["means"], *results["shares_at"]):
        for place_of, wave in enumerate(told["waves"]):
            parts = [category["waves"][place_of] for category in told["by"][LANGUAGE]["categories"]]
            wave["rows"] = sum(part["rows"] for part in parts)
    return inputs


def test_nothing_is_shown_of_a_small_category_among_those_compared():
    numbers = shown(sampled_report(with_everything()).document)
    rows = "results#/policy/0/balance/waves/0/rows"
    assert f"{rows}/0/mean" in numbers and f"{rows}/0/difference/estimate" in numbers
    assert not [source for source in numbers if source.startswith(f"{rows}/1/")]


@pytest.mark.parametrize("told", TOLD)
def test_where_all_rows_have_a_category_another_is_hidden_too(told):
    hidden = sampled_context(without_gaps(sampled_inputs())).hidden_groups
    own = [place(told, category).rstrip("/") in hidden for category in range(3)]
    assert own == [False, True, True]


def test_a_small_category_is_protected_by_the_rows_without_one(report):
    numbers = shown(report.document)
    assert f"{place('means', OTHER)}estimate" in numbers
    assert f"{place('means', FEW)}estimate" not in numbers


def test_charts_have_no_mark_of_a_small_category(report):
    marks = 0
    for figure in Printed().take(report.document).figures:
        names = figure["data"].get("group", ())
        for i, name in enumerate(names):
            if name == "Sign language" and figure["data"]["wave"][i] == "2018":
                marks += 1
                assert figure["data"]["estimate"][i] is None
    assert marks >= 2


def test_no_data_have_the_sum_of_weights_of_a_small_category(files):
    total = f"{group(sampled_inputs(), 'means', FEW)['sum_of_weights']:.0f}"
    data = {name: files[name] for name in files if name.endswith((".csv", ".json"))}
    assert len(data) > 20
    for name, content in data.items():
        said = re.findall(r"[\d.,]+", content.decode("utf-8", "replace"))
        assert total not in (each.replace(",", "") for each in said), name


def test_the_long_table_flags_what_is_hidden(report):
    rows = [row for row in report.tidy if row["category"] == "third" and row["wave"] == "2018"]
    assert {row["flag"] for row in rows} == {"[c]"}
    assert all(row["estimate"] is None for row in rows)


def test_hidden_groups_do_not_follow_from_sums_over_the_others(report):
    """Whoever takes what is shown from the mean of all learns of ten or more together."""
    numbers, inputs = shown(report.document), sampled_inputs()
    for told, wave in product(TOLD, (0, 1)):
        results = inputs["results"]
        whole = results["means"] if told == "means" else results["shares_at"][0]
        rest = whole["waves"][wave]["rows"]
        for category in range(3):
            if f"{place(told, category, wave)}estimate" in numbers:
                rest -= group(inputs, told, category, wave)["rows"]
        assert rest >= 10
    weights = [f"{place('means', c)}sum_of_weights" in numbers for c in range(3)]
    assert sum(weights) in (0, 1)


def test_a_sum_of_weights_put_back_is_found_by_the_audit(files, report):
    document = json.loads(files["report.json"])
    (table,) = [t for t in Printed().take(document).tables if t["id"] == "means-language"]
    assert not [column for column in table["columns"] if column["label"] == "Sum of weights"]
    truth = group(sampled_inputs(), "means", FEW)
    cells = [cell for row in table["rows"] for cell in row["cells"] if "hidden" in cell]
    rows = next(cell for cell in cells if cell["hidden"] == "small")
    rows.update(text=str(truth["rows"]), value=truth["rows"])
    changed = {"report.json": json.dumps(document).encode()}
    with pytest.raises(ResultError, match="counts of few persons follow"):
        check_files(changed, report.protection)


def with_empty_schools(used: int) -> dict:
    """In the last wave two schools, of 77, have no value of the outcome; some use no covariate."""
    inputs = sampled_inputs()
    survey, results = inputs["survey"], inputs["results"]
    wave, own = survey["waves"][1], results["waves"][1]["groups"][0]
    empty = {"variable": "math", "level": "school", "groups": 2, "rows": 8}
    wave["empty_groups"], wave["groups"]["school"] = [empty], 77
    survey["levels"][0]["groups_by_wave"][1]["groups"] = 77
    survey["levels"][0]["groups_total"] = survey["hierarchy"][0]["groups"] = 152
    survey["children"][0]["by_wave"][1]["groups"] = 77
    results["levels"][0]["n"] += used - own["n"]
    own["n"] = used
    return inputs


@pytest.mark.parametrize("used", [75, 74])
def test_units_without_values_are_no_difference_of_two_numbers_of_units(used):
    numbers = shown(sampled_report(with_empty_schools(used)).document)
    assert "survey#/waves/1/empty_groups/0/groups" not in numbers
    wholes = {"survey#/waves/1/groups/school", "survey#/children/0/by_wave/1/groups"}
    valued = {"results#/means/waves/1/clusters"}
    valued |= {"results#/waves/1/groups/0/n"} if used == 75 else set()
    assert not (numbers.keys() & wholes and numbers.keys() & valued)
    assert numbers.keys() & (wholes | valued)
    for places in (wholes, valued):
        if not numbers.keys() & places:
            sums = (
                {"survey#/hierarchy/0/groups"}
                if places is wholes
                else {"results#/sample/clusters/n", "results#/levels/0/n"}
            )
            assert not (numbers.keys() & sums and "results#/waves/0/groups/0/n" in numbers)


def test_a_share_of_nearly_all_is_hidden_and_its_mean_is_not():
    inputs = sampled_inputs()
    group(inputs, "shares_at", OTHER, 1)["estimate"] = 0.97
    numbers = shown(sampled_report(inputs).document)
    assert f"{place('shares_at/0', OTHER, 1)}estimate" not in numbers
    assert f"{place('means', OTHER, 1)}estimate" in numbers


@pytest.mark.parametrize("share", [0.0, 0.004, 0.999, 1.0])
def test_a_wave_in_which_nearly_all_or_none_reach_a_cut_has_no_headline(share):
    inputs = sampled_inputs()
    inputs["results"]["shares_at"][0]["waves"][1]["estimate"] = share
    document = sampled_report(inputs).document
    assert "results#/shares_at/0/waves/1/estimate" not in shown(document)
    kinds = [item["kind"] for item in document["findings"]["items"]]
    assert "proficiency" not in kinds


def test_a_first_wave_that_is_hidden_is_not_told_beside_the_last():
    inputs = sampled_inputs()
    inputs["results"]["shares_at"][0]["waves"][0]["estimate"] = 0.999
    finding = sampled_report(inputs).document["findings"]["items"][0]
    assert plain_text(finding["runs"]).endswith("(53.3% to 63.4%).")


def test_a_group_of_few_clusters_is_hidden():
    inputs = sampled_inputs()
    for told in TOLD:
        group(inputs, told, OTHER, 1)["clusters"] = 2
    hidden = sampled_context(inputs).hidden_groups
    assert place("means", OTHER, 1).rstrip("/") in hidden


def with_schools_by_category(without: int = 0) -> dict:
    """A variable of schools, one of its categories in three of them; some have none.

    A school may have one pupil, so that three schools may be three persons.
    """
    inputs = sampled_inputs()
    schools = inputs["survey"]["hierarchy"][0]
    for sizes in (schools["rows"], schools["children"]):
        sizes["quantiles"] = [1.0, *sizes["quantiles"][1:]]
    inputs["configuration"]["variables"]["language"]["level"] = "school"
    for told, wave in product(TOLD, range(2)):
        whole = inputs["results"]["means"]["waves"][wave]["clusters"]
        for category, n in enumerate((whole - 20 - 3 - without, 20, 3)):
            found = group(inputs, told, category, wave)
            found |= {"clusters": n, "rows": 20 * n}
    return inputs


@pytest.mark.parametrize("without", [0, 4])
def test_few_clusters_of_a_category_of_theirs_are_no_difference(without):
    """Each school has one category: those of all categories add up to all schools."""
    numbers = shown(sampled_report(with_schools_by_category(without)).document)
    for wave in range(2):
        wholes = [f"results#/{told}/waves/{wave}/clusters" for told in TOLD]
        assert any(whole in numbers for whole in wholes)
        own = [[f"{place(told, c, wave)}clusters" for told in TOLD] for c in range(3)]
        is_shown = [any(source in numbers for source in sources) for sources in own]
        assert not is_shown[FEW]
        assert not (is_shown[0] and is_shown[OTHER])


def test_clusters_of_a_category_are_hidden_wherever_they_are_told():
    inputs = sampled_inputs()
    group(inputs, "means", OTHER)["clusters"] = group(inputs, "shares_at", OTHER)["clusters"]
    knowledge = sampled_report(inputs).protection.knowledge
    key, same = (
        f"{place(told, OTHER)}clusters".replace("results#", "results(math)#") for told in TOLD
    )
    assert {key: 1, same: -1} in list(knowledge.relations)


def test_in_controlled_mode_all_is_shown():
    inputs = sampled_inputs()
    inputs["configuration"]["disclosure"] = {"mode": "controlled"}
    numbers = shown(sampled_report(inputs).document)
    assert f"{place('means', FEW)}estimate" in numbers


def test_every_statistic_of_samples_stands_in_the_long_table_or_is_not_there(report):
    found = {row["statistic"] for row in report.tidy}
    wanted = {"weighted_mean", "share_at", "weighted_mean_gap", "share_at_change", "coefficient"}
    assert wanted | {"sum_of_weights", "variance_share", "gap", "effective_rows"} <= found


@settings(max_examples=cases(25), suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.integers(0, 60), min_size=3, max_size=3),
    shares=st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
)
def test_what_is_hidden_of_a_variable_in_a_wave_rests_on_enough_together(rows, shares):
    inputs = sampled_inputs()
    for told, category in product(TOLD, range(3)):
        found = group(inputs, told, category)
        found["rows"] = rows[category]
        if told != "means":
            found["estimate"] = shares[category]
    hidden = sampled_context(inputs).hidden_groups
    for told in TOLD:
        own = [place(told, category).rstrip("/") in hidden for category in range(3)]
        assert all(own[i] for i in range(3) if rows[i] < 10)
        if any(own) and not all(own):  # what follows for those that are hidden together
            assert 1577 - sum(rows[i] for i in range(3) if not own[i]) >= 10


def test_two_small_categories_do_not_hide_each_other_alone():
    inputs = sampled_inputs()
    for told in TOLD:
        for category, rows in ((OTHER, 4), (FEW, 3)):
            group(inputs, told, category)["rows"] = rows
    hidden = sampled_context(without_gaps(inputs)).hidden_groups
    assert {place(told, c).rstrip("/") for told in TOLD for c in range(3)} <= hidden


def test_few_rows_without_a_category_do_not_follow_from_the_others():
    inputs = sampled_inputs()
    for category in range(3):
        group(inputs, "means", category, 1)["rows"] = 533
    assert inputs["results"]["means"]["waves"][1]["rows"] == 3 * 533 + 6
    hidden = sampled_context(inputs).hidden_groups
    assert sum(place("means", category, 1).rstrip("/") in hidden for category in range(3)) == 1


def test_shares_at_two_cuts_with_few_rows_between_them_are_not_both_shown():
    inputs = sampled_inputs()
    first = inputs["results"]["shares_at"][0]
    higher = json.loads(json.dumps(first)) | {"name": "advanced", "cut": 421.0}
    for wave in higher["waves"]:
        wave["estimate"] -= 0.003
    inputs["results"]["shares_at"].append(higher)
    hidden = sampled_context(inputs).hidden_groups
    assert {f"results#/shares_at/1/waves/{i}" for i in (0, 1)} <= hidden
    assert "results#/shares_at/0/waves/0" not in hidden


def test_records_are_read_as_they_are_stored():
    assert sampled_records(sampled_inputs())["results"].kind == "sampled"


@pytest.mark.study
@pytest.mark.parametrize("threshold", [100, 900])
def test_files_give_nothing_away_whatever_the_threshold(threshold):
    inputs = sampled_inputs()
    inputs["configuration"]["disclosure"] = {"threshold": threshold}
    assert "report.json" in sampled_files(inputs)


def test_no_two_blocks_have_one_name(report):
    printed = Printed().take(report.document)
    names = [block["id"] for block in (*printed.tables, *printed.figures)]
    assert len(set(names)) == len(names) > 40


def test_no_sentence_has_a_mark_in_place_of_a_number(report):
    for item in report.document["disclosure"]["log"]:
        assert item["place"] != "text"
