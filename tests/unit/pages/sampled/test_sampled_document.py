"""The report of a sample: what its first screen says, and what it refuses."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import numpy as np
import pytest

from mlm.configuration.programmes.filling import filled_in
from mlm.errors import ResultError
from mlm.pages.contexts.making import make_context
from mlm.pages.document import make_protected
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.first_screen import MOST_WORDS, words_in
from mlm.pages.findings.sampled.lead import standards_table
from mlm.pages.previous import make_record
from mlm.pages.report_form import Report
from mlm.pages.sections.sampled.by_category import means_measure, moved_words
from mlm.pages.sections.since_last.sampled import sampled_changes_section
from mlm.pages.text import plain_text
from mlm.pages.unit_pages.files import unit_files
from tests.unit.pages.findings.first_screens import first_screen
from tests.unit.pages.reading import is_traced, numbers_of
from tests.unit.pages.sample import files_of_records, records, residuals
from tests.unit.pages.sampled import (
    sampled_context,
    sampled_inputs,
    sampled_records,
    sampled_report,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def findings() -> dict:
    return sampled_report().document["findings"]


def _said(findings: dict, kind: str, place: str = "items") -> str:
    return next(plain_text(each["runs"]) for each in findings[place] if each["kind"] == kind)


def test_the_headline_is_the_share_at_the_cut_and_its_change(findings):
    item = findings["items"][0]
    words = plain_text(item["runs"])
    assert item["kind"] == "proficiency"
    assert words.startswith("In 2022, 58.4% of pupils reached the minimum proficiency (53.3% to ")
    assert words.endswith("down from 67.3% in 2018.")  # as its change lacks the linking error


def test_a_share_that_moved_says_by_how_much_with_an_interval():
    given = sampled_inputs()
    for item in given["results"]["shares_at"]:
        item["linking"] = None
    words = _said(sampled_report(given).document["findings"], "proficiency")
    assert re.search(r", down \d+\.\d percentage points \(.* to .*\) since 2018\.$", words)


def test_a_share_that_did_not_clearly_change_is_said_so():
    given = sampled_inputs()
    change = given["results"]["shares_at"][0]["waves"][1]["change"]
    change |= {"estimate": -0.01, "lower": -0.05, "upper": 0.03}
    words = _said(sampled_report(given).document["findings"], "proficiency")
    assert words.endswith("not clearly different from 2018 (67.3%).")


def test_the_change_of_means_says_that_the_link_is_counted(findings):
    assert "the error of linking the scales included" in _said(findings, "change")


def test_a_change_without_a_link_does_not_name_one():
    given = sampled_inputs()
    given["results"]["means"]["waves"][1]["change"]["linking_error"] = None
    assert "linking" not in _said(sampled_report(given).document["findings"], "change")


def test_sizes_are_in_weighted_standard_deviations():
    context = sampled_context()
    moments = context.results.weighted_moments[1]
    assert context.spread_of("2022").source == moments.weighted_sd.source


def test_the_gap_of_groups_of_persons_is_told(findings):
    words = _said(findings, "gap")
    assert words.startswith("Boys were ") and words.endswith("SD) below girls in 2022.")


def test_schools_are_not_ranked_and_why(findings):
    words = "Schools are not ranked: the plausible values were not made to describe single schools."
    assert _said(findings, "ranking") == words


def test_the_first_screen_has_few_words():
    document = sampled_report().document
    assert words_in(first_screen(document)) <= MOST_WORDS


def test_weighted_moments_are_named_so(findings):
    headings = [column["label"] for column in findings["table"]["columns"]]
    assert headings[3:6] == ["Sum of weights", "Weighted mean", "Weighted SD"]


def with_policy(given: dict) -> dict:
    """The differences between the sexes as those of a policy."""
    results = given["results"]
    waves = results["means"]["by"][0]["categories"][1]["waves"]
    size = {"weighted_sd": 85.0, "estimate": -0.23, "lower": -0.35, "upper": -0.11}
    more = {"category": "M", "standing": "compared", "size": size}
    effects = [wave["gap"] | more | {"wave": wave["wave"]} for wave in waves]
    policy = {"variable": "sex", "evidence": "observational", "reference": "F", "by_wave": True}
    policy |= {
        "assignment": {"level": None, "wave": None, "groups": "attended"},
        "effects": effects,
        "balance": {"kind": "refused", "reason": {"kind": "no_covariates"}},
    }
    policy |= {"formula": "math ~ sex", "time_test": results["over_time"]["by"][0]["test"]}
    results["policy"] = [policy | {"unadjusted": [each | {"apart": False} for each in effects]}]
    given["configuration"]["analyses"]["math"]["policy"] = {"sex": "observational"}
    return given


def test_a_policy_is_told_in_its_own_weighted_standard_deviations():
    found = sampled_report(with_policy(sampled_inputs())).document["findings"]
    words = _said(found, "policy")
    assert words.startswith("Boys, not drawn by lot, were ")
    assert "0.23 SD) below girls in 2022" in words
    assert found["lead"]["rows"][0]["cells"][0]["text"] == "Boys against girls (points)"
    remark = next(each for each in found["remarks"] if each["key"] == "caveat-policy-sex")
    assert plain_text(remark["runs"]).startswith("The sex was not allocated at random")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_adjusted_means_that_move_the_other_way_than_the_means_are_cautioned(sign):
    given = sampled_inputs()
    plain = given["results"]["means"]["waves"][-1]["change"]
    adjusted = given["results"]["over_time"]["adjusted_means"][-1]["change"]
    ends = sorted([3.2 * sign, 18.2 * sign])
    plain |= {"estimate": -9.2, "p_value": 0.006, "lower": -15.7, "upper": -2.7}
    adjusted |= {"estimate": 10.7 * sign, "p_value": 0.006} | dict(
        zip(("lower", "upper"), ends, strict=True)
    )
    said = "both changes are clear, and their signs are opposite"
    assert (said in json.dumps(sampled_report(given).document)) == (sign > 0)
    adjusted |= {"p_value": 0.2, "lower": -20.0, "upper": 20.0}
    assert said not in json.dumps(sampled_report(given).document)


def without_weights(given: dict) -> dict:
    """The same of rows that count alike: scores are drawn, and that is all."""
    given["results"] |= {"sample": None, "sensitivity": None}
    for told in (given["results"]["means"], *given["results"]["shares_at"]):
        groups = [
            *told["waves"],
            *(w for b in told["by"] for c in b["categories"] for w in c["waves"]),
        ]
        for each in groups:
            each["sum_of_weights"] = None
    return given


def test_without_weights_moments_are_not_called_weighted():
    document = sampled_report(without_weights(sampled_inputs())).document
    headings = [column["label"] for column in document["findings"]["table"]["columns"]]
    assert "Mean" in headings and "Sum of weights" not in headings
    sure = document["brief"]["sections"][-1]["items"]
    assert not any("weighted" in plain_text(item) for item in sure)


def test_without_a_cut_the_change_comes_first():
    given = sampled_inputs()
    given["results"]["shares_at"] = []
    kinds = [item["kind"] for item in sampled_report(given).document["findings"]["items"]]
    assert kinds[:2] == ["change", "gap"]


def test_units_of_an_observed_outcome_are_not_ranked_for_another_reason():
    given = sampled_inputs()
    given["results"] |= {"scores": [], "draws": 1}
    words = _said(sampled_report(given).document["findings"], "ranking")
    assert words == "Schools are not ranked: each time others were studied."


def test_results_of_a_sample_come_without_residuals():
    given = sampled_records(sampled_inputs())
    with pytest.raises(ResultError, match="Make the report without them"):
        make_context(**given, residuals=records({"residuals": residuals()})["residuals"])


def test_single_units_get_no_pages():
    given = sampled_records(sampled_inputs())
    with pytest.raises(ResultError, match="describe the population and not single units"):
        next(unit_files(**given))


def test_what_changed_since_the_last_results_is_told():
    given = sampled_inputs()
    kept = make_record(**sampled_records(given))
    assert not kept.effects
    given["results"]["settled"]["fixed"][2]["estimate"] += 30.0
    taken = sampled_records(given) | {"previous": kept}
    context = make_context(**taken)
    tables = [b for b in sampled_changes_section(context).blocks if b["type"] == "table"]
    assert [block["id"] for block in tables] == ["changes-estimates"]
    assert len(tables[0]["rows"]) == 1


def test_every_number_leads_back_to_the_stored_inputs():
    given, document = sampled_inputs(), sampled_report().document
    inputs = {"results": given["results"], "survey": given["survey"]}
    inputs |= {"provenance": given["provenance"], "disclosure": document["disclosure"]}
    numbers = numbers_of(document)
    assert len(numbers) > 500
    for found in numbers:
        assert is_traced(found, inputs), found


def test_the_document_holds_to_the_published_schema():
    Report.model_validate_json(json.dumps(sampled_report().document))


def test_of_many_waves_the_lead_table_tells_the_first_two_standards_alone():
    given = sampled_inputs()
    results = given["results"]
    higher = json.loads(json.dumps(results["shares_at"][0])) | {"name": "high", "cut": 500.0}
    for wave in higher["waves"]:
        wave["estimate"] *= 0.5
    results["shares_at"].append(higher)
    for told in (results["means"], *results["shares_at"]):
        last = told["waves"][-1]
        told["waves"] = [
            *told["waves"],
            *(last | {"wave": f"{year}"} for year in range(2025, 2029)),
        ]
    table = standards_table(sampled_context(given), Chosen((), (), (), ()))
    titles = [i for i, row in enumerate(table["rows"]) if row["kind"] == "group"]
    assert [b - a - 1 for a, b in pairwise([*titles, len(table["rows"])])] == [6, 6, 2]


def test_the_long_table_tells_what_errors_are_made_of():
    report = sampled_report()
    rows = [row for row in report.tidy if not row["finding"]]
    parted = [row for row in rows if row["se_sampling"] is not None]
    assert {row["statistic"] for row in parted} >= {
        "weighted_mean",
        "weighted_mean_change",
        "share_at",
        "coefficient",
    }
    for row in parted:
        parts = [row[name] or 0.0 for name in ("se_sampling", "se_measurement", "se_link")]
        whole = np.hypot(np.hypot(*parts[:2]), parts[2])
        assert row["se"] == pytest.approx(whole, rel=0.06, abs=0.0016)  # all of them rounded
    assert any(row["se_link"] for row in parted)
    assert any(row["fmi"] for row in rows)


def of_programme(**told) -> dict:
    """Inputs whose configuration names a programme, as a file says it."""
    given = sampled_inputs()
    plain = given["configuration"] | {"language": told.pop("language", "en")}
    sampling = {"programme": "PISA 2018", "psu": "school"} | told
    made = filled_in(json.loads(json.dumps(plain | {"sampling": sampling})))
    records_ = sampled_records(given | {"configuration": made.data})
    records_["configuration"]._filled = made.filled
    return records_


def test_methods_tell_what_a_programme_filled_and_where_it_is_known_from():
    document = make_protected(**of_programme()).document
    blocks = next(s for s in document["sections"] if s["id"] == "methods")["blocks"]
    texts = [block.get("text", "") for block in blocks]
    (filled,) = [text for text in texts if text.startswith("sampling.")]
    assert "sampling.weights.pupil: W_FSTUWT" in filled
    assert (
        "sampling.replicates: {method: fay, factor: 0.5, columns: W_FSTURWT1-W_FSTURWT80}" in filled
    )
    words = " ".join(plain_text(block["runs"]) for block in blocks if "runs" in block)
    assert "these are files of PISA 2018. What it does not say" in words
    assert len(filled.splitlines()) >= 3


def test_files_with_a_programme_pass_the_audit_in_any_language():
    for language in ("en", "fr"):
        files = files_of_records(of_programme(language=language), ())
        page = files["report.html"].decode()
        assert "W_FSTURWT1-W_FSTURWT80" in page
        told = {"en": "What the programme filled", "fr": "Ce que le programme a complété"}
        assert told[language] in page


def test_without_a_programme_nothing_is_said_of_it():
    document = sampled_report().document
    assert "methods-programme" not in json.dumps(document)


def test_sections_are_numbered_without_a_gap():
    numbers = [section["number"] for section in sampled_report().document["sections"]]
    told = [int(number) for number in numbers if number]
    assert told == list(range(1, len(told) + 1)) and len(told) > 3


@pytest.mark.parametrize(
    ("moved", "words"), [(-9.0, "narrowed since 2018 (by 9.0"), (9.0, "widened since 2018 (by 9.0")]
)
def test_how_far_a_gap_moved_has_no_sign_beside_the_word_for_its_way(moved, words):
    given = sampled_inputs()
    for item in given["results"]["means"]["by"]:
        for category in item["categories"][1:]:
            last = category["waves"][-1]
            own = {"estimate": moved, "std_error": 2.0, "lower": moved - 4, "upper": moved + 4}
            last["gap"] |= {"estimate": 30.0, "std_error": 2.0, "lower": 26.0, "upper": 34.0}
            last["moved"] |= own
    context = sampled_context(given)
    measure = means_measure(context)
    assert words in plain_text(moved_words(context, measure, measure.by[0]))
