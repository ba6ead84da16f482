"""Computed variables: arithmetic, aggregates, standard scores; held against pandas."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from mlm.configuration.arithmetic import FUNCTIONS, parse_arithmetic
from mlm.configuration.variable import Aggregate
from mlm.errors import ConfigurationError, SurveyError
from mlm.results.survey.account import (
    DeclaredMissing,
    MissingCells,
    NotComputed,
    RecodedCells,
)
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.cleaning.computed import STATISTICS
from tests.cleaned_waves import clean_wave
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

N_SCHOOLS, N_PUPILS = 7, 9


@pytest.fixture
def rows():
    draw = np.random.default_rng(3)
    n = N_SCHOOLS * N_PUPILS
    ses = draw.normal(size=n).round(3).astype(object)
    ses[draw.random(n) < 0.3] = None
    ses[:N_PUPILS] = None
    return pd.DataFrame(
        {
            "school": np.repeat([f"s{i}" for i in range(N_SCHOOLS)], N_PUPILS),
            "pupil": [f"p{i % N_PUPILS}" for i in range(n)],
            "score": draw.integers(1, 99, n),
            "ses": ses,
            "sex": draw.choice(["g", "b"], n),
            "kind": np.repeat(draw.choice(["x", "y"], N_SCHOOLS), N_PUPILS),
        }
    )


def clean(tmp_path, rows: pd.DataFrame, *entries: str, shuffle: bool = False):
    """Cleaned rows of wave a with computed variables in the codebook."""
    text = CONFIGURATION.replace("analyses:", "\n".join(f"  {e}" for e in entries) + "\nanalyses:")
    rows = rows.sample(frac=1, random_state=5) if shuffle else rows
    configuration = write_survey(tmp_path, text, a=rows.to_csv(index=False))
    table, ledger = clean_wave(configuration, "a")
    return configuration, table.to_pandas(), ledger


def derived(name: str, text: str, level: str = "row") -> str:
    return f'{name}: {{label: L, type: number, level: {level}, derive: "{text}"}}'


def aggregated(name: str, level: str = "school", **entry: str) -> str:
    parts = ", ".join(f"{key}: {value}" for key, value in entry.items())
    return f"{name}: {{label: L, type: number, level: {level}, aggregate: {{{parts}}}}}"


ARITHMETIC = [
    ("score + 2 * ses - 1", lambda r: r.score + 2 * r.ses - 1),
    ("-score / 3", lambda r: -r.score / 3),
    ("(score - 50) ** 2", lambda r: (r.score - 50) ** 2),
    ("log(score) + exp(ses) + sqrt(abs(ses))", lambda r: np.log(r.score) + np.exp(r.ses) + np.sqrt(r.ses.abs())),  # noqa: E501
    ("log10(score)", lambda r: np.log10(r.score)),
    ("minimum(score, 40) + maximum(score, 60)", lambda r: r.score.clip(upper=40) + r.score.clip(lower=60)),  # noqa: E501
    ("mean(score, ses)", lambda r: (r.score + r.ses) / 2),
    ("ses > 0", lambda r: (r.ses > 0).astype(float).where(r.ses.notna())),
    ("sex == 'g'", lambda r: (r.sex == "g").astype(float)),
    ("(sex != 'g') * score", lambda r: (r.sex != "g") * r.score),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ARITHMETIC)
def test_arithmetic(tmp_path, rows, text, expected):
    _, table, ledger = clean(tmp_path, rows, derived("made", text))
    wanted = expected(rows.assign(ses=rows["ses"].astype(float)))
    assert np.allclose(table["made"], wanted, rtol=1e-14, atol=0, equal_nan=True)
    missing = sum(e.cells for e in ledger.missing if e.variable == "made")
    assert missing == wanted.isna().sum()


def test_reasons_of_missing_results(tmp_path, rows):
    rows = rows.assign(ses=rows["ses"].where(rows["ses"].notna(), 1.0)).astype({"ses": float})
    rows.loc[:4, "ses"] = [0.0, 0.0, -1.0, np.nan, 2.0]
    _, table, ledger = clean(tmp_path, rows.head(9), derived("made", "log(ses) + 1 / ses"))
    found = {e.reason: e.cells for e in ledger.missing if e.variable == "made"}
    assert found == {NotComputed(why="part_missing"): 1, NotComputed(why="undefined"): 3}
    assert table["made"].notna().sum() == 5


def test_aggregates_against_pandas(tmp_path, rows):
    entries = [
        aggregated("mean_ses", of="ses", within="school", statistic="mean"),
        aggregated("sd_ses", of="ses", within="school", statistic="sd"),
        aggregated("n_ses", of="ses", within="school", statistic="count"),
        aggregated("n_all", within="school", statistic="count"),
        aggregated("girls", of="sex", within="school", statistic="share", categories="[g]"),
        aggregated("others", "row", of="ses", within="school", statistic="leave_one_out"),
        derived("within", "ses - mean_ses"),
    ]
    _, table, _ = clean(tmp_path, rows, *entries)
    ses = table.groupby("school")["ses"]
    expected = {
        "mean_ses": ses.transform("mean"),
        "sd_ses": ses.transform("std"),
        "n_ses": ses.transform("count"),
        "n_all": ses.transform("size"),
        "girls": table["sex"].eq("g").groupby(table["school"]).transform("mean"),
        "within": table["ses"] - ses.transform("mean"),
    }
    total, n = ses.transform("sum"), ses.transform("count")
    here = table["ses"].notna()
    expected["others"] = (total - table["ses"].fillna(0)) / (n - here).where(n > here)
    for name, values in expected.items():
        assert np.allclose(table[name], values, rtol=1e-12, atol=1e-12, equal_nan=True), name
    assert table.groupby("school")[["mean_ses", "sd_ses", "girls"]].nunique().max().max() == 1


def test_standard_scores_within_the_wave(tmp_path, rows):
    entry = "z: {label: Z, type: number, level: row, column: score, standardise: within_wave}"
    _, table, _ = clean(tmp_path, rows, entry, derived("twice", "2 * z"))
    assert math.isclose(table["z"].mean(), 0.0, abs_tol=1e-12)
    assert math.isclose(table["z"].std(), 1.0, rel_tol=1e-12)
    assert np.allclose(table["twice"], 2 * table["z"])


def test_the_order_of_rows_changes_no_bit(tmp_path, rows):
    entries = [
        aggregated("mean_ses", of="ses", within="school", statistic="mean"),
        aggregated("others", "row", of="ses", within="school", statistic="leave_one_out"),
    ]
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    _, one, _ = clean(tmp_path / "one", rows, *entries)
    _, two, _ = clean(tmp_path / "two", rows, *entries, shuffle=True)
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_computed_variables_are_terms_of_models(tmp_path, rows):
    text = aggregated("mean_ses", of="ses", within="school", statistic="mean")
    configuration, table, _ = clean(tmp_path, rows, text, derived("made", "score ** 2"))
    assert configuration.variables["mean_ses"].level == "school"
    chosen = configuration.analyses["score"].model_copy(update={"terms": ("made", "mean_ses")})
    configuration = configuration.model_copy(update={"analyses": {"score": chosen}})
    stats = accumulate_wave(configuration, "a", table, columns_of_survey(configuration, table))
    assert stats["score"].n_obs == table[["score", "mean_ses", "sex", "made"]].dropna().shape[0]


REFUSED = [
    "__import__('os')", "ses.real", "(lambda: 1)()", "[x for x in ses]", "ses if sex else 1",
    "'a' + 'b'", "ses[0]", "print(ses)", "ses; ses", "ses and sex", "1 < ses < 2", "ses ** ses",
    "ses ** -1", "f'{ses}'", "True", "1j * ses", "log(ses, 2)", "mean(ses)", "abs(x=ses)", "5",
    "(" * 200 + "ses" + ")" * 200, "-" * 60 + "ses", "ses @ ses", "ses // 2", "~ses", "*ses", "",
    "ses := 2", "sex == b'g'", "10 ** 9 ** 9",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_arithmetic_is_refused(text):
    with pytest.raises(ValueError):
        parse_arithmetic(text)


def test_every_function_is_known_to_the_evaluation(tmp_path, rows):
    for name, n_arguments in FUNCTIONS.items():
        text = f"{name}(score, ses)" if n_arguments is None else f"{name}(score)"
        folder = tmp_path / name
        folder.mkdir()
        _, table, _ = clean(folder, rows, derived("made", text))
        assert table["made"].notna().any(), name


# --- what one wave does otherwise -----------------------------------------------------------


def test_recode_missing_codes_and_range_by_wave(tmp_path):
    text = CONFIGURATION.replace(
        "categories: {g: Girl, b: Boy}}",
        "categories: {g: Girl, b: Boy}, by_wave: {b: {recode: {f: g, m: b}}}}",
    ).replace(
        'missing: {"-9": refused}',
        'missing: {"-9": refused}, by_wave: {b: {range: [0, 1000], missing: {"-1": ill}}}',
    )
    b = "school,pupil,score,ses,sex,kind\n01,001,550,0.5,f,x\n01,002,-1,0.1,m,x\n02,003,75,1,b,y\n"
    table, ledger = clean_wave(write_survey(tmp_path, text, b=b), "b")
    assert table["sex"].to_pylist() == ["g", "b", "b"]
    assert table["score"].to_pylist() == [550.0, None, 75.0]
    ill = DeclaredMissing(meaning="ill")
    assert MissingCells(variable="score", reason=ill, cells=1) in ledger.missing
    assert RecodedCells(variable="sex", category="g", cells=1) in ledger.recoded


def test_aliases_of_columns(tmp_path):
    text = CONFIGURATION.replace("{label: Home,", "{label: Home, aliases: [home, status],")
    b = "school,pupil,score,status,sex,kind\n01,001,5,0.5,g,x\n02,003,7,1.5,b,y\n"
    configuration = write_survey(tmp_path, text, b=b)
    assert clean_wave(configuration, "a")[0]["ses"].to_pylist() == [0.5, None, 1.5]
    assert clean_wave(configuration, "b")[0]["ses"].to_pylist() == [0.5, 1.5]


def test_every_statistic_that_may_be_asked_for_is_computed():
    assert set(STATISTICS) == set(get_args(Aggregate.model_fields["statistic"].annotation))


# --- statistics over all waves ----------------------------------------------------------------

OVER = [
    aggregated("mean_ses", of="ses", within="school", statistic="mean", waves="all"),
    aggregated("sd_ses", of="made", within="school", statistic="sd", waves="all"),
    aggregated("n_all", within="school", statistic="count", waves="all"),
    aggregated(
        "girls", of="sex", within="school", statistic="share", categories="[g]", waves="all"
    ),
    aggregated("others", "row", of="ses", within="school", statistic="leave_one_out", waves="all"),
    aggregated("own", "pupil", of="ses", within="pupil", statistic="mean", waves="all"),
    derived("made", "2 * ses"),
    derived("within", "ses - mean_ses"),
]


def cleaned_waves(tmp_path, rows, *entries: str) -> pd.DataFrame:
    """Cleaned rows of two waves; in the second, the last school is new and pupils are others."""
    text = CONFIGURATION.replace("analyses:", "\n".join(f"  {e}" for e in entries) + "\nanalyses:")
    later = rows.assign(ses=rows["ses"].where(rows["score"] > 30)).iloc[4:]
    later["school"] = later["school"].replace("s6", "s06")
    configuration = write_survey(
        tmp_path, text, a=rows.to_csv(index=False), b=later.to_csv(index=False)
    )
    waves = {wave: clean_wave(configuration, wave)[0].to_pandas() for wave in "ab"}
    return pd.concat([table.assign(wave=wave) for wave, table in waves.items()])


def test_statistics_over_all_waves_against_pandas(tmp_path, rows):
    table = cleaned_waves(tmp_path, rows, *OVER).reset_index(drop=True)
    ses, school = table.groupby("school")["ses"], table["school"]
    n, total = ses.transform("count"), ses.transform("sum")
    here = table["ses"].notna()
    expected = {
        "mean_ses": ses.transform("mean"),
        "sd_ses": 2 * ses.transform("std"),
        "n_all": ses.transform("size"),
        "girls": table["sex"].eq("g").groupby(school).transform("mean"),
        "others": (total - table["ses"].fillna(0)) / (n - here).where(n > here),
        "own": table.groupby(["school", "pupil"])["ses"].transform("mean"),
        "within": table["ses"] - ses.transform("mean"),
    }
    for name, values in expected.items():
        assert np.allclose(table[name], values, rtol=1e-12, atol=1e-12, equal_nan=True), name
    assert school.nunique() == N_SCHOOLS + 1
    same = table.groupby("school")[["mean_ses", "sd_ses", "girls", "n_all"]].nunique()
    assert same.max().max() == 1, "a school has the same number in every wave, to the last bit"


def test_statistics_over_all_waves_need_all_waves_to_be_sound(tmp_path, rows):
    text = CONFIGURATION.replace("analyses:", f"  {OVER[0]}\nanalyses:")
    b = "school,pupil,score,ses,sex,kind\n01,001,5,half,g,x\n"
    configuration = write_survey(tmp_path, text, a=rows.to_csv(index=False), b=b)
    assert configuration.waves_looked_at("a") == ("a", "b")
    with pytest.raises(SurveyError, match="wave a: .* need wave b too, which has 1 problem"):
        clean_wave(configuration, "a")


FIRST = [
    "sex_first: {label: S, type: category, level: pupil, categories: {b: Boy, g: Girl}, "
    "aggregate: {of: kind_of_day, within: pupil, statistic: first}}",
    "kind_of_day: {label: K, type: category, level: row, column: sex, categories: {g: G, b: B}}",
    aggregated("ses_first", "pupil", of="ses", within="pupil", statistic="first"),
]


def first_values(folder, **waves: pd.DataFrame):
    """Cleaned rows of waves a and b in which pupils change their category."""
    folder.mkdir(exist_ok=True)
    text = CONFIGURATION.replace("analyses:", "\n".join(f"  {e}" for e in FIRST) + "\nanalyses:")
    text = text.replace("level: pupil, categories: {g: Girl, b: Boy}}\n",
                        "level: row, categories: {g: Girl, b: Boy}}\n", 1)  # fmt: skip
    files = {wave: table.to_csv(index=False) for wave, table in waves.items()}
    configuration = write_survey(folder, text, **files)
    tables = [clean_wave(configuration, w)[0].to_pandas().assign(wave=w) for w in "ab"]
    return configuration, pd.concat(tables).reset_index(drop=True)


def test_first_values_against_pandas(tmp_path, rows):
    draw = np.random.default_rng(8)
    later = rows.assign(ses=rows["ses"].map(lambda v: None if v is None else v + 1))
    later["sex"] = draw.choice(["g", "b"], len(rows))
    later["ses"] = later["ses"].fillna(7.0)
    first = rows.sample(frac=0.8, random_state=1)
    configuration, table = first_values(tmp_path, a=first, b=later)
    by = table.groupby(["school", "pupil"])
    assert (table["sex_first"] == by["sex"].transform("first")).all()
    assert (table["sex_first"] != table["sex"]).any()
    known = {key: own["ses"].dropna().iloc[0] for key, own in by if own["ses"].notna().any()}
    for row in table.itertuples():
        own, expected = row.ses_first, known.get((row.school, row.pupil), math.nan)
        if row.wave == "a" and math.isnan(row.ses):  # what a later wave says is not known yet
            assert math.isnan(own)
        else:
            assert own == expected or (math.isnan(own) and math.isnan(expected))
    assert configuration.waves_looked_at("a") == ("a",)
    assert configuration.waves_looked_at("b") == ("a", "b")


def test_a_later_wave_does_not_change_first_values(tmp_path, rows):
    _, table = first_values(tmp_path / "one", a=rows, b=rows)
    _, other = first_values(tmp_path / "other", a=rows, b=rows.assign(sex="g", ses=5.0))
    for name in ("sex_first", "ses_first"):
        one, two = (each[each["wave"] == "a"][name] for each in (table, other))
        assert one.equals(two)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("level: school, aggregate: {of: sex, within: school, statistic: first}",
         "first is of those who are followed"),
        ("level: pupil, aggregate: {of: sex, within: pupil, statistic: first, waves: all}",
         "first looks at the waves up to that of each row; leave 'waves' out"),
        ("level: pupil, aggregate: {of: score, within: pupil, statistic: first}",
         "a value of 'score' is of its type, number"),
        ("level: pupil, aggregate: {of: kind, within: pupil, statistic: first}",
         "a value of 'kind' is one of its categories: 'x', 'y'"),
        ("level: pupil, aggregate: {within: pupil, statistic: first}",
         "say 'of' which variable the first is"),
    ],
)  # fmt: skip
def test_first_values_that_cannot_be_are_refused(tmp_path, entry, message):
    entry = f"  made: {{label: M, type: category, categories: {{g: G, b: B}}, {entry}}}\nanalyses:"
    with pytest.raises(ConfigurationError) as caught:
        write_survey(tmp_path, CONFIGURATION.replace("analyses:", entry))
    assert message in str(caught.value)


@pytest.mark.parametrize("centre", ["wave", "school"])
def test_numbers_around_the_mean_of_the_wave_or_of_the_unit(tmp_path, rows, centre):
    entries = [
        f"made: {{label: M, type: number, level: row, column: ses, centre: {centre}}}",
        derived("twice", "2 * made"),
    ]
    _, table, _ = clean(tmp_path, rows, *entries)
    mean = table["ses"].mean()
    if centre == "school":
        mean = table.groupby("school")["ses"].transform("mean")
    assert np.allclose(table["made"], table["ses"] - mean, atol=1e-14, equal_nan=True)
    assert np.allclose(table["twice"], 2 * table["made"], equal_nan=True)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("level: school, centre: school", "so all would become 0"),
        ("level: row, centre: scool", "'scool' is not a level; did you mean 'school'?"),
        ("level: row, centre: wave, standardise: within_wave", "standardise centres too"),
    ],
)
def test_centring_that_cannot_be_is_refused(tmp_path, entry, message):
    entry = f"  made: {{label: M, type: number, column: ses, {entry}}}\nanalyses:"
    with pytest.raises(ConfigurationError) as caught:
        write_survey(tmp_path, CONFIGURATION.replace("analyses:", entry))
    assert message in str(caught.value)
