"""The design follows from ids that recur from one file to the next."""

from __future__ import annotations

import pytest

from tests.unit.rows.scaffold.made_files import drafted, later, runs, school, score, sex, table

PLACES = [
    (["region", "school", "class"], True, "region"),
    (["region", "school", "class"], False, "school"),
    (["country", "region", "school"], True, "region"),
    (["country", "region", "school", "class"], False, "school"),
    (["school", "class"], True, None),
    (["school", "class"], False, "school"),
    (["region", "school"], True, "region"),
    (["school"], True, None),
]


@pytest.mark.parametrize(("levels", "are_new", "above"), PLACES)
def test_time_comes_below_what_recurs(tmp_path, levels, are_new, above):
    """Schools that are new in each wave stand below time, whatever levels there are."""
    paths = []
    for wave, outcome in ((1, score), (2, later)):
        ids = {
            "country": lambda i: i % 12 // 6 + 1,
            "region": lambda i: i % 12 // 3 + 1,
            "school": lambda i, w=wave: f"{w * are_new}{i % 12 + 10}",
            "class": lambda i: i // 12 % 2 + 1,
        }
        own = {level: ids[level] for level in levels}
        pupil = {"pupil": lambda i, w=wave: f"{w}{i}"}
        rows = {**own, **pupil, "score": outcome, "sex": sex}
        paths.append(table(tmp_path, f"s_{wave}.csv", **rows))
    _, configuration = drafted(tmp_path, paths)
    assert configuration.time_below == above
    assert configuration.design.recurs != are_new
    runs(configuration)


def test_a_third_file_changes_no_pair(tmp_path):
    """Pupils who are just numbered in two waves are others, whatever a third wave holds."""
    paths = [
        table(
            tmp_path,
            f"s_{w}.csv",
            school=lambda i, w=w: f"{w}{school(i)}",
            pupil=lambda i, w=w: i + 1 + (w > 2 and i > 9),
            score=score,
            sex=sex,
        )
        for w in (1, 2, 3)
    ]
    for some in (paths[:2], paths):
        text, configuration = drafted(tmp_path, some)
        assert not configuration.design.recurs
        serial = "each file" if len(some) == 2 else "s_1.csv, s_2.csv"
        assert f"pupil is just the number of the row in {serial}" in text
