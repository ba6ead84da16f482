"""All mistakes of a configuration are told in one pass, and nothing is blamed for another."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.errors import ConfigurationError
from tests.drawn_cases import cases
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

# text, what stands there by mistake, what is told of it (and nothing else)
MISTAKES = [
    ("title: A small", "title: [A] #", ["title: text is expected"]),
    ("source: made", "sourc: made", ["sourc: unknown key", "source: the key 'source' is required"]),
    ("id: school}", "id: school, pluarl: x}", ["levels[0].pluarl: unknown key"]),
    ("label: Year}", "lable: Year}", ["time.lable: unknown key", "time.label: the key"]),
    ("label: Score,", "lable: S,", ["score.lable: unknown key", "score.label: the key"]),
    ("range: [0, 100]", "range: [0]", ["score.range[1]: two values"]),
    ("label: Home", "lable: Home", ["ses.lable: unknown key", "ses.label: the key 'label'"]),
    ("level: row}\n  sex", "level: rwo}\n  sex", ["ses.level: 'rwo' is not a level"]),
    ("label: Sex", "label: Sex, reference: x", ["sex.reference: 'x' is not a category"]),
    ("level: pupil", "level: pupl", ["sex.level: 'pupl' is not a level; did you mean 'pupil'?"]),
    ("level: school", "level: scool", ["kind.level: 'scool' is not a level"]),
    ("recode: {z: y}", "recode: {z: w}", ["kind.recode.z: 'w' is not a category"]),
    ('"ses^2"', '"kind^2"', ["terms[4]: 'kind' is a category; a power"]),
    ("time_interactions: [sex]", "time_interactions: [sx]", ["time_interactions[0]: 'sx' is not"]),
    ("[sex]}", "[sex], alpha: 2}", ["score.alpha: '2': must be less than 0.5"]),
    ("[sex]}", "[sex], slope: [ses]}", ["score.slope: unknown key 'slope'; did you"]),
]


def told(folder, chosen) -> list[str]:
    """Problems that are told of the small survey with some mistakes."""
    text = CONFIGURATION
    for i in chosen:
        old, new, _ = MISTAKES[i]
        text = text.replace(old, new, 1)
    with pytest.raises(ConfigurationError) as caught:
        write_survey(folder, text)
    return caught.value.problems


@settings(max_examples=cases(12))
@given(st.sets(st.integers(0, len(MISTAKES) - 1), min_size=1))
def test_each_mistake_is_told_and_nothing_else(tmp_path_factory, chosen):
    if {len(MISTAKES) - 1, len(MISTAKES) - 2} <= chosen:
        chosen.discard(len(MISTAKES) - 1)  # both stand at the same place
    if 13 in chosen:
        chosen -= {14, 15}
    problems = told(tmp_path_factory.mktemp("repair"), sorted(chosen))
    expected = [message for i in sorted(chosen) for message in MISTAKES[i][2]]
    assert [m for m in expected if not any(m in p for p in problems)] == [], problems
    assert [p for p in problems if not any(m in p for m in expected)] == []


BLAMED = [
    # a term that is misspelt is told; names that are right elsewhere are not
    ("[sex, ses, kind,", "[sex, sess, kind,", {}, ["terms[1]: 'sess' is not a variable"]),
    ("[sex]}", "[sex], slopes: [ses]}", {"[sex, ses,": "[sex, sess,"}, ["terms[1]: 'sess'"]),
    ("[sex]}", "[sex], policy: {kind: adjusted}}", {" kind, ": " knd, "}, ["'knd' is not a var"]),
    ("[sex]}", "[sex], protected: [ses]}", {"[sex, ses,": "[sex, sess,"}, ["terms[1]: 'sess'"]),
    # a name that is right and not among the terms is not called misspelt
    (
        "[sex, ses, kind, ",
        "[sex, kind, ",
        {'"sex:ses", "ses^2"': "score2", "[sex]}": "[sex], slopes: [ses]}"},
        ["'score2' is not a variable", "slopes[0]: 'ses' is not among the terms; add it to terms"],
    ),
]


@pytest.mark.parametrize(("old", "new", "more", "expected"), BLAMED)
def test_the_right_spelling_is_not_blamed(tmp_path, old, new, more, expected):
    text = CONFIGURATION.replace(old, new)
    for one, other in more.items():
        assert one in text
        text = text.replace(one, other)
    with pytest.raises(ConfigurationError) as caught:
        write_survey(tmp_path, text)
    assert [m for m in expected if m not in str(caught.value)] == []
    assert len(caught.value.problems) == len(expected), caught.value.problems


WHOLE = [
    ("levels:", "levls:", "levls: unknown key 'levls'; did you mean 'levels'?"),
    ("design: same_pupils", "design: same_pupil", "design: 'same_pupil': expected"),
    ("name: a, time: 0", "name: a, tim: 0", "waves[0].tim: unknown key"),
    ("  ses: {label: Home, type: number, level: row}", "  ses: number", "ses: 'number': a mapping"),
    ("waves:", "waves: x\nwaves_:", "waves: 'x': a list is expected"),
    ("{outcome: score,", "{outcome: [score],", "outcome: text is expected"),
]


@pytest.mark.parametrize(("old", "new", "message"), WHOLE)
def test_a_broken_part_brings_no_false_blame(tmp_path, old, new, message):
    with pytest.raises(ConfigurationError) as caught:
        write_survey(tmp_path, CONFIGURATION.replace(old, new, 1))
    assert any(message in problem for problem in caught.value.problems)
    others = [p for p in caught.value.problems if message not in p]
    assert all("the key" in p or "unknown key" in p for p in others), others
