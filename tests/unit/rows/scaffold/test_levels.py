"""The design follows from ids that recur from one file to the next."""

from __future__ import annotations

from tests.unit.rows.scaffold.made_files import drafted, school, score, sex, table


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
