"""In a wave without any rows of a group no difference of it is told, drawn or taken for a start."""

from __future__ import annotations

import copy

import pytest

from mlm.pages.document import tables_of
from mlm.pages.findings.gap import parts_of
from mlm.pages.findings.gaps import adjusted_gaps
from mlm.pages.findings.measure import when
from mlm.pages.findings.policy import policy_findings
from mlm.pages.sections.over_time.gaps import gaps_figure
from mlm.pages.sections.over_time.trends import gap_title, trends_figure
from mlm.pages.sections.policy.words import policy_remarks
from mlm.pages.text import plain_text
from mlm.pages.words.seen_groups import points_seen
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import context_of, document_of, everything

WAVES = ["K", "1", "2"]


def unseen(*waves: str, category: str = "N") -> dict:
    """The sample with gaps of free lunch by wave, and waves in which nobody has a category."""
    given = everything()
    by = copy.deepcopy(given["results"]["over_time"]["by"][0])
    by["variable"] = "ses"
    for group, name in zip(by["groups"], ("F", "N"), strict=False):
        group |= {"category": name, "value": None}
    by["groups"] = by["groups"][:2]
    last = by["groups"][1]["rows"][-1]
    last["moved"] = copy.deepcopy(last["difference"])
    given["results"]["over_time"]["by"] = [by]
    for wave in given["survey"]["waves"]:
        if wave["wave"] in waves:
            wave["variables"]["ses"]["counts"][category] = 0
    return given


def test_points_of_all_waves_are_seen_where_all_have_rows():
    context = context_of(unseen())
    item = context.results.over_time.by[0]
    for group in item.groups:
        assert [point.wave.value for point in points_seen(context, item, group)] == WAVES


def test_a_wave_without_the_group_or_without_its_reference_is_left_out():
    for category in ("N", "F"):
        context = context_of(unseen("K", category=category))
        item = context.results.over_time.by[0]
        seen = [point.wave.value for point in points_seen(context, item, item.groups[1])]
        assert seen == WAVES[1:]
        for figure in (gaps_figure(context), trends_figure(context, item)):
            drawn = zip(figure["data"]["group"], figure["data"]["wave"], strict=True)
            waves = [wave for group, wave in drawn if group == "No free lunch"]
            assert waves == ["Grade 1", "Grade 2"]
        assert "Kindergarten" not in plain_text(gap_title(context, item))


def test_a_change_does_not_begin_where_nobody_was():
    context = context_of(unseen("K"))
    (gap,) = [gap for gap in adjusted_gaps(context) if gap.variable == "ses"]
    assert [wave for wave, __ in gap.course] == ["1", "2"] and gap.moved is None
    context = context_of(unseen())
    (gap,) = [gap for gap in adjusted_gaps(context) if gap.variable == "ses"]
    assert gap.start == "K" and gap.moved is not None


def test_a_gap_is_none_of_the_last_wave_where_nobody_is():
    gaps = adjusted_gaps(context_of(unseen("2")))
    assert all(gap.wave is None for gap in gaps if gap.variable == "ses")


def test_the_table_marks_what_does_not_apply():
    table = next(t for t in tables_of(document_of(unseen("K"))) if t["id"] == "trends-ses")
    rows = [row for row in table["rows"] if row["kind"] != "group"]
    marked = [row["cells"][0]["text"] for row in rows if row["cells"][1]["text"] == "[z]"]
    assert marked == ["Kindergarten"]


def test_nothing_is_drawn_of_a_variable_whose_groups_were_never_seen():
    context = context_of(unseen(*WAVES))
    assert gaps_figure(context) is None
    assert gap_title(context, context.results.over_time.by[0]) == []


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        (["K"], "in the waves with both groups (Grade 1 to Grade 2)"),
        (["1"], "in the waves with both groups (Kindergarten and Grade 2)"),
        (["K", "2"], "in Grade 1, the only wave with both groups"),
        ([], "throughout (Kindergarten to Grade 2)"),
    ],
)
def test_a_difference_of_all_waves_rests_on_those_with_both_groups(lacking, words):
    given = phased_in(*lacking)
    context = context_of(given)
    (policy,) = [each for each in policy_findings(context) if each.kind == "policy"]
    assert words in plain_text(policy.runs)
    (gap,) = [each for each in adjusted_gaps(context) if each.variable == "ses"]
    assert words in parts_of(context, gap)["when"]
    (remark, *__) = policy_remarks(context, context.results.policy[0])
    assert plain_text(remark).startswith("Only ") == bool(lacking)


def test_a_number_that_does_not_vary_in_a_wave_is_told_of_the_others():
    given = everything()
    given["survey"]["waves"][0]["variables"]["experience"]["sd"] = 0.0
    seen = when(context_of(given), None, "experience", (None,))
    assert seen == " in the waves in which it varies (Grade 1 to Grade 2)"


def test_an_allocation_in_a_wave_without_groups_is_cautioned():
    words = "all schools have the same category in that wave"
    given = phased_in("K")
    given["configuration"]["variables"]["class_type"]["level"] = "school"
    assert words in sentences(document_of(given))
    given["results"]["policy"][0]["assignment"]["wave"] = "1"
    text = sentences(document_of(given))
    assert words not in text and "waves before and after" not in text


def phased_in(*waves: str) -> dict:
    """The sample with one difference of a policy and of a gap, and waves without their groups."""
    given = everything()
    policy = given["results"]["policy"][0]
    whole = policy["effects"][0] | {"wave": None, "standing": "mixed"}
    policy |= {"by_wave": False, "effects": [whole], "waves_apart": None}
    given["results"]["over_time"]["by"] = []
    for wave in given["survey"]["waves"]:
        if wave["wave"] in waves:
            wave["variables"]["class_type"]["counts"]["small"] = 0
            wave["variables"]["ses"]["counts"]["N"] = 0
    return given
