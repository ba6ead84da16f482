"""Units that fail to recur for nothing but the spelling of their ids are told, with counts."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.configuration.loading import load_configuration
from mlm.errors import SurveyError
from mlm.nouns.ids.spelling import ALL, differences, folded
from mlm.results.survey.spellings import Spelling, TwoSpellings
from mlm.rows.linking.folding import all_folded
from mlm.rows.linking.linking import link_waves
from tests.drawn_cases import cases
from tests.unit.rows.small_survey import CONFIGURATION

N_SCHOOLS, N_PUPILS = 4, 16

# a spelling of the school or pupil i, and another that is no other normal form
PAIRS = {
    "zeros": (lambda i: f"{i + 1:04d}", lambda i: str(i + 1)),
    "zeros inside": (lambda i: f"S-{i + 1:02d}", lambda i: f"S-{i + 1}"),
    "thousandths": (lambda i: str(i + 7), lambda i: f"{i + 7}.000"),
    "case": (lambda i: f"x{i}y", lambda i: f"X{i}Y"),
    "accents": (lambda i: f"é{i}", lambda i: f"e{i}"),
    "characters": (lambda i: f"{i + 10}", lambda i: f"１{i}" if i < 10 else f"{i + 10}"),
    "dashes": (lambda i: f"a-{i}", lambda i: f"a\u2013{i}"),
    "apostrophes": (lambda i: f"O'Hara {i}", lambda i: f"O\u2019Hara {i}"),
    "quotes": (lambda i: f"k{i}", lambda i: f'"k{i}"'),
    "blanks": (lambda i: f"St {i}a", lambda i: f"St{i}a"),
    "soft hyphen": (lambda i: f"ab{i}", lambda i: f"a\u00adb{i}"),
}


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    def load(n_waves=2, design="same_pupils", levels=""):
        text = CONFIGURATION.replace("same_pupils", design)
        if design != "same_pupils":
            text = text.replace("level: pupil", "level: row")
        text = text.replace("id: school}", f"id: school{levels}}}")
        start, end = text.index("waves:\n"), text.index("variables:\n")
        waves = [f"  - {{name: w{i}, time: {i}, files: [{i}.csv]}}\n" for i in range(n_waves)]
        path = tmp_path_factory.mktemp("spellings") / "survey.yaml"
        path.write_text(text[:start] + "waves:\n" + "".join(waves) + text[end:], encoding="utf-8")
        return load_configuration(path)

    return load


def wave(schools, pupils, shift=0.0) -> pd.DataFrame:
    n = len(pupils)
    return pd.DataFrame(
        {
            "school": [schools[i % len(schools)] for i in range(n)],
            "pupil": pupils,
            "score": [float(i * 3 % 50) + shift for i in range(n)],
            "ses": [float(i * i % 7) for i in range(n)],
            "sex": ["g" if i // 2 % 2 else "b" for i in range(n)],
            "kind": ["x" if i % len(schools) else "y" for i in range(n)],
        }
    )


def plain_wave(shift=0.0, schools=None, pupils=None) -> pd.DataFrame:
    schools = schools or [f"s{i}" for i in range(N_SCHOOLS)]
    return wave(schools, pupils or [f"p{i}q" for i in range(N_PUPILS)], shift)


def told(account) -> list[tuple]:
    return [
        (check.level, check.wave, check.other, check.units, check.of, check.spellings)
        for check in account.checks
        if check.kind == "spelled_otherwise"
    ]


@pytest.mark.battery(6)
@pytest.mark.parametrize("kind", PAIRS)
def test_schools_that_are_spelled_otherwise_are_counted(survey, kind):
    one, other = ([form(i) for i in range(N_SCHOOLS)] for form in PAIRS[kind])
    other[0] = one[0]  # the design finds a unit that recurs
    n_spelled = sum(a != b for a, b in zip(one, other, strict=True))
    waves = {"w0": plain_wave(schools=one), "w1": plain_wave(1.0, schools=other)}
    (found,) = told(link_waves(survey(), waves))
    (needed,) = {differences(a, b) for a, b in zip(one, other, strict=True) if a != b}
    assert found == ("school", "w1", "w0", n_spelled, N_SCHOOLS, needed)
    assert len(needed) == 1


@pytest.mark.battery(6)
@pytest.mark.parametrize("kind", PAIRS)
def test_pupils_that_are_spelled_otherwise_are_counted_without_their_ids(survey, kind):
    one, other = ([form(i) for i in range(N_PUPILS)] for form in PAIRS[kind])
    mixed = [b if i % 2 else a for i, (a, b) in enumerate(zip(one, other, strict=True))]
    n_spelled = sum(a != b for a, b in zip(one, mixed, strict=True))
    waves = {"w0": plain_wave(pupils=one), "w1": plain_wave(1.0, pupils=mixed)}
    account = link_waves(survey(), waves)
    (found,) = told(account)
    assert found[:5] == ("pupil", "w1", "w0", n_spelled, N_PUPILS)
    (check,) = (check for check in account.checks if check.kind == "spelled_otherwise")
    assert check.ids == ()
    assert not any(text in check.model_dump_json() for text in ("11", "12", "Hara"))


KINDS = sorted(PAIRS)


@settings(max_examples=cases(8))
@given(st.sampled_from(KINDS), st.lists(st.booleans(), min_size=N_PUPILS, max_size=N_PUPILS))
def test_the_count_is_that_of_the_units_that_do_not_recur(survey, kind, others):
    one, other = PAIRS[kind]
    others[0] = False
    first = [one(i) for i in range(N_PUPILS)]
    later = [other(i) if chosen else one(i) for i, chosen in enumerate(others)]
    account = link_waves(
        survey(), {"w0": plain_wave(pupils=first), "w1": plain_wave(1.0, pupils=later)}
    )
    flow = next(flow for flow in account.attrition if flow.level == "pupil")
    assert sum(found[3] for found in told(account)) == flow.new


def test_the_wave_that_is_spelled_otherwise_is_told_beside_the_last_one_that_is_not(survey):
    numbers = [f"{i + 1:03d}" for i in range(N_PUPILS)]
    short = [numbers[0], *(number.lstrip("0") for number in numbers[1:])]
    waves = [numbers, numbers, short, numbers]
    frames = {f"w{i}": plain_wave(float(i), pupils=own) for i, own in enumerate(waves)}
    found = told(link_waves(survey(4), frames))
    assert found == [("pupil", "w2", "w1", N_PUPILS - 1, N_PUPILS, ("zeros",))]


def test_what_differs_in_several_ways_names_them_all(survey):
    later = [f"P-{i:03d}" if i else "p-0" for i in range(N_PUPILS)]
    waves = {
        "w0": plain_wave(pupils=[f"p-{i}" for i in range(N_PUPILS)]),
        "w1": plain_wave(1.0, pupils=later),
    }
    assert told(link_waves(survey(), waves))[0][5] == ("case", "zeros")


def test_a_school_that_is_spelled_otherwise_is_told_once_not_for_its_pupils(survey):
    local = survey(design="same_schools")
    waves = {
        "w0": plain_wave(schools=["A", "B", "C", "D"]),
        "w1": plain_wave(1.0, schools=["A", "b", "c", "D"]),
    }
    assert [(level, units) for level, _, _, units, _, _ in told(link_waves(local, waves))] == [
        ("school", 2)
    ]
    account = link_waves(local, waves)
    (check,) = (check for check in account.checks if check.kind == "spelled_otherwise")
    assert check.ids == (TwoSpellings(here="b", there="B"), TwoSpellings(here="c", there="C"))


def test_units_of_one_wave_that_differ_in_spelling_alone_are_told(survey):
    schools = ["Elm", "ELM", "Oak", "Oak "]
    waves = {f"w{i}": plain_wave(float(i), schools=schools[:3]) for i in range(2)}
    found = told(link_waves(survey(), waves))
    assert found == [("school", f"w{i}", f"w{i}", 1, 3, ("case",)) for i in range(2)]


@pytest.mark.parametrize("spelled", [False, True])
def test_units_that_leave_and_others_that_come_are_no_doubt(survey, spelled):
    first, later = ([f"{k}{i:03d}" for i in range(N_PUPILS)] for k in "ab")
    later[:4] = first[:4]
    if spelled:  # two units of the wave share a spelling of one that left
        later[4:6] = [first[5].upper(), first[5].replace("a", " A")]
    waves = {"w0": plain_wave(pupils=first), "w1": plain_wave(1.0, pupils=later)}
    found = [entry for entry in told(link_waves(survey(), waves)) if entry[1] != entry[2]]
    assert found == []


def test_units_that_all_fail_to_recur_are_refused_with_what_to_declare(survey):
    waves = {
        "w0": plain_wave(schools=["01", "02", "03"]),
        "w1": plain_wave(1.0, schools=["1", "2", "3"]),
    }
    what = r"0 of 3 schools .* 3 more would be found with 'ignore: \[zeros\]' of the level: they "
    with pytest.raises(SurveyError, match=what + "are spelled 09 in wave w0 and 9 in wave w1"):
        link_waves(survey(), waves)


@given(st.lists(st.text("aZé0 0190.,+-'\u2019\u2013\u00ad１ß", max_size=7), max_size=5))
def test_texts_are_folded_together_as_one_by_one(texts):
    expected = [folded(text) for text in texts]
    assert all_folded(pa.array(texts, pa.string())).to_pylist() == expected


@given(st.text(max_size=8))
def test_folding_twice_is_folding_once(text):
    once = folded(unicodedata.normalize("NFC", text))
    assert folded(once) == once


def test_kinds_of_spellings_have_one_list():
    assert set(ALL) == set(Spelling.__args__)
