"""The document: every number traced, wording that follows the evidence, empty parts said."""

import json
import re

import pytest
from pydantic import ValidationError

from mlm.errors import ResultError
from mlm.pages.derived import trace
from mlm.pages.document import figures_of, tables_of
from mlm.pages.numbers import render
from tests.unit.pages.reading import NUMBER, numbers_of, sentences, strings_of
from tests.unit.pages.sample import document_of, inputs, residuals, sources

CAUSAL = re.compile(
    r"\b(raised?|lowered?|caus\w+|improv\w+|led to|leads to|boost\w*|impact\w*|because of|due to|"
    r"effect of class)\b",
    re.IGNORECASE,
)


@pytest.fixture
def given():
    return inputs()


def traceable(given, document):
    return sources(given) | {"disclosure": document["disclosure"]}


def test_every_number_leads_back_to_its_input(given):
    document = document_of(given)
    numbers = numbers_of(document)
    assert len(numbers) > 300
    for found in numbers:
        assert trace(found["source"], traceable(given, document)) == found["value"], found


def test_every_text_of_a_number_is_made_from_its_value(given):
    for found in numbers_of(document_of(given)):
        assert render(found["value"], found["decimals"], found["style"]) == found["text"]


def test_sentences_hold_no_number_without_a_source(given):
    labels = {"1", "2"}  # Grade 1, Grade 2
    fixed = {"95", "3", "5"}  # 95% interval, about 95% of groups; questions 3 and 5
    document = document_of(given)
    blocks = [b for s in document["sections"][:6] for b in s["blocks"] if "runs" in b]
    for block in [*blocks, *document["findings"]["answers"]]:
        bare = " ".join(run["text"] for run in block["runs"] if "source" not in run)
        assert set(NUMBER.findall(bare)) <= labels | fixed, bare


def test_numbers_in_findings_name_the_cell_that_shows_them(given):
    document = document_of(given)
    cells = {c["id"]: c for t in tables_of(document) for r in t["rows"] for c in r["cells"]}
    linked = [n for n in numbers_of(document["findings"]["answers"]) if "cell" in n]
    assert len(linked) >= 10
    for found in linked:
        assert cells[found["cell"]]["value"] == found["value"]


def test_identifiers_are_unique_and_safe(given):
    level = {"unit": "class", "in_wave": True, "ids": ["wave", "class"]}
    given["results"]["effects"][0]["level"] = level
    document = document_of(given)
    names = [b["id"] for b in (*tables_of(document), *figures_of(document))]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names)
    assert len({*names}) == len(names)


def test_the_document_is_json(given):
    json.dumps(document_of(given), allow_nan=False)


def test_shares_read_add_to_one_hundred(given):
    answer = document_of(given)["findings"]["answers"][0]
    shares = [n["value"] for n in numbers_of(answer) if n.get("strong")]
    assert sum(shares) == pytest.approx(1)


def test_a_policy_with_one_effect_for_all_waves_is_told_by_wave_too(given):
    policy = given["results"]["policy"][0]
    waves = policy["effects"]
    policy.update(by_wave=False, effects=[waves[0] | {"wave": None}])
    policy.update(waves_apart={"effects": waves, "formula": "math ~ grade * class_type"})
    policy["time_test"]["p_value"] = 0.4
    document = document_of(given)
    text = sentences(document)
    assert "There is no evidence that the differences change from wave to wave" in text
    tables = {table["id"]: table for table in tables_of(document)}
    assert len(tables["policy-class_type"]["rows"]) == 1
    assert len(tables["policy-class_type-waves"]["rows"]) == len(waves)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"draws": 99, "factor": 1.214}, "as 99 draws from the model show, the bound must be 1.21"),
        ({"is_narrow": True}, "the bound is somewhat too narrow"),
        ({}, None),
    ],
)
def test_a_bound_that_few_groups_judge_says_so(given, more, words):
    given["results"]["reduction"]["bound"].update(more)
    text = sentences(document_of(given))
    assert ("Few groups judge some of the terms" in text) == (words is not None)
    assert words is None or words in text


def test_randomised_policy_is_worded_as_an_effect(given):
    text = sentences(document_of(given))
    assert "Small class instead of Regular class raised Mathematics score by 8.4" in text


@pytest.mark.parametrize("evidence", ["adjusted", "observational"])
def test_other_policies_have_no_causal_word(given, evidence):
    given["results"]["policy"][0]["evidence"] = evidence
    document = document_of(given)
    policy = next(s for s in document["sections"] if s["id"] == "policy")
    answer = next(a for a in document["findings"]["answers"] if a["section"] == "policy")
    for text in (*strings_of(policy["blocks"]), *strings_of(answer["runs"])):
        assert not CAUSAL.search(text), text


def test_an_unknown_evidence_is_refused(given):
    given["results"]["policy"][0]["evidence"] = "hearsay"
    with pytest.raises(ValidationError, match="evidence"):
        document_of(given)


def test_an_interval_with_zero_is_no_evidence_not_no_effect(given):
    for row in given["results"]["policy"][0]["effects"]:
        row.update(estimate=0.4, lower=-1.5, upper=2.3)
    text = sentences(document_of(given))
    assert "There is no evidence that Small class instead of Regular class changed" in text
    assert "no effect" not in text.lower()


def test_a_negative_effect_is_a_size_with_its_interval_turned(given):
    row = given["results"]["policy"][0]["effects"][0]
    row.update(estimate=-8.4, lower=-10.3, upper=-6.5)
    given["results"]["policy"][0]["effects"] = [row]
    text = sentences(document_of(given))
    assert "lowered Mathematics score by 8.4 scale points (95% interval 6.5 to 10.3)" in text


def refuse(given):
    effect = given["results"]["effects"][0]
    effect["licence"]["granted"] = False
    effect["licence"]["checks"][1].update(value=0.41, passed=False)


def test_a_refused_licence_shows_no_order(given):
    refuse(given)
    document = document_of(given)
    kinds = {block["kind"] for block in figures_of(document)}
    assert "caterpillar" not in kinds
    assert not any(table["id"] == "units-school" for table in tables_of(document))
    text = sentences(document)
    assert "Schools are not ranked: the mean reliability of their effects is 0.41 (0.7" in text


def test_a_refused_licence_leaves_no_unit_in_any_file(given):
    refuse(given)
    for unit in given["results"]["effects"][0]["units"]:
        unit.update(unit=["secretschool"])
    assert "secretschool" not in json.dumps(document_of(given))


def test_a_unit_of_few_rows_is_not_named(given):
    given["results"]["effects"][0]["units"][3].update(unit=["tinyschool"], n=9)
    assert "tinyschool" not in json.dumps(document_of(given))


def test_an_empty_level_is_said(given):
    share = given["results"]["null"]["shares"][0]
    share.update(variance=0.0, sd=0.0, share=0.0, lower=0.0, upper=0.01)
    text = sentences(document_of(given))
    assert "No variation between schools was found: its estimate is zero." in text


def test_no_slope_found_is_no_evidence(given):
    slope = given["results"]["slopes"][0]
    slope["kept"], slope["test"]["p_value"] = False, 0.31
    assert "There is no evidence that any of the 1 effects tested differs" in sentences(
        document_of(given)
    )


EMPTY = {
    "slopes": [],
    "effects": [],
    "policy": [],
    "notes": [],
    "over_time": {"adjusted_means": [], "levels": [], "test": None, "by": [], "by_wave": []},
    "reduction": {"path": [], "adequate": [], "protected": []},
}


def change(results, key, value):
    """A part of the results, or some fields of it, put in the place of what is there."""
    results[key] = results[key] | value if isinstance(value, dict) else value


@pytest.mark.parametrize("key", [*EMPTY, "all"])
def test_empty_parts_are_said_in_a_sentence(given, key):
    for name, value in EMPTY.items():
        if key in (name, "all"):
            change(given["results"], name, value)
    document = document_of(given)
    for section in document["sections"]:
        assert section["blocks"], section["id"]


def test_one_wave_makes_no_claim_of_change(given):
    given["configuration"] |= {"time": None, "design": "cross_section"}
    given["configuration"]["analyses"]["math"]["time_interactions"] = []
    given["configuration"]["waves"] = given["configuration"]["waves"][:1]
    results = given["results"]
    results["time"] = {"name": "wave", "coding": "categories", "waves": ["K"]}
    results["waves"] = results["waves"][:1]
    change(results, "over_time", EMPTY["over_time"])
    given["survey"]["waves"] = given["survey"]["waves"][:1]
    assert "The survey has one wave: change over time cannot be studied yet." in sentences(
        document_of(given)
    )


def test_rows_read_are_rows_kept_and_excluded(given):
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    flow = next(t for t in tables_of(document_of(given)) if t["id"] == "flow")
    for row in flow["rows"]:
        read, excluded, kept, incomplete, used = (c["value"] for c in row["cells"][1:6])
        assert read == excluded + kept
        assert kept == incomplete + used


def test_pupils_who_move_are_said(given):
    text = sentences(document_of(given))
    assert "367 of 9,850 pupils change their school between waves." in text


def test_results_of_another_analysis_are_refused(given):
    given["results"]["analysis"] = "read"
    with pytest.raises(ResultError, match="not of math"):
        document_of(given)


def test_residuals_of_another_analysis_are_refused(given):
    given["residuals"] = residuals() | {"analysis": "read"}
    with pytest.raises(ResultError, match="residuals are those of read, not of math"):
        document_of(given)


@pytest.mark.parametrize("key", ["null", "over_time", "inclusion"])
def test_results_that_lack_a_part_are_refused(given, key):
    del given["results"][key]
    with pytest.raises(ValidationError, match=key):
        document_of(given)
