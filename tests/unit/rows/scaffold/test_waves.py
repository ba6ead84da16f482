"""Names and times of waves are those of the files, where these tell them."""

from __future__ import annotations

import pytest

from tests.unit.rows.scaffold.made_files import drafted, school, score, sex, table

WAVES = [
    (["hsb82.csv"], [("hsb82", 0, None)]),
    (["survey_1998.csv"], [("1998", 1998, None)]),
    (["jsp_0.csv", "jsp_1.csv"], [("0", 0, "Wave 0"), ("1", 1, "Wave 1")]),
    (["gss1994.csv", "gss1996.csv"], [("1994", 1994, None), ("1996", 1996, None)]),
    (["a_spring.csv", "a_autumn.csv"], [("spring", 0, None), ("autumn", 1, None)]),
    (["w82.csv", "w80.csv"], [("82", 0, "Wave 82"), ("80", 1, "Wave 80")]),
]


@pytest.mark.parametrize(("names", "expected"), WAVES)
def test_names_and_times_of_waves(tmp_path, names, expected):
    paths = [
        table(tmp_path, n, school=school, pupil=lambda i, w=w: f"p{w}{i}", score=score, sex=sex)
        for w, n in enumerate(names)
    ]
    text, configuration = drafted(tmp_path, paths)
    assert [(w.name, w.time, w.label) for w in configuration.waves] == expected
    if configuration.time is not None:
        named = {"gss1994.csv": "year"}
        assert configuration.time.name == named.get(names[0], "time")
    assert text.count("files: [") == text.count("]} # ?")


def test_a_column_that_may_tell_waves_is_named(tmp_path):
    path = table(
        tmp_path, "x.csv", school=school, year=lambda i: 1985 + i // 30, score=score, sex=sex
    )
    text, _ = drafted(tmp_path, [path])
    assert "# ? one wave; if year tells waves, give each a file of its own" in text
