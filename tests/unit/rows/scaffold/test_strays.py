"""A few texts among numbers do not make a column one of texts; they are named in the draft."""

from __future__ import annotations

import pytest
import yaml

from mlm.rows.scaffold import draft_configuration
from mlm.rows.scaffold.profiles import profile_file
from mlm.rows.scaffold.strays import LEAST_NUMBERS, MOST_STRAYS, stray_texts

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def wave(folder, name, strays=(), numbers=300, column="score"):
    """A file of pupils in schools, whose first scores are texts."""
    cells = [*strays, *(f"{400 + 1.5 * (i % 97)}" for i in range(numbers - len(strays)))]
    rows = [f"{i // 15 + 1},{i},{'fm'[i % 2]},{cell}" for i, cell in enumerate(cells)]
    (folder / name).write_text("\n".join([f"school,pupil,sex,{column}", *rows]) + "\n", "utf-8")
    return folder / name


def drafted(folder, *paths):
    text = draft_configuration(paths, survey="s", root=folder)
    return text, yaml.safe_load(text)


def test_one_text_in_the_outcome_leaves_it_a_number_and_is_named(tmp_path):
    paths = wave(tmp_path, "w2019.csv", ["absent"]), wave(tmp_path, "w2022.csv")
    text, draft = drafted(tmp_path, *paths)
    assert draft["variables"]["score"]["type"] == "number"
    assert draft["analyses"]["score_analysis"]["outcome"] == "score"
    assert "# no number: 'absent' in data row 1 of w2019.csv; mend the file, or" in text
    assert "missing" not in draft["variables"]["score"]


def test_of_many_cells_the_first_are_named_and_the_others_counted(tmp_path):
    text, __ = drafted(tmp_path, wave(tmp_path, "w.csv", ["ill", "ill", "?!", "-", "ill"], 900))
    assert "'ill' in data row 1 of w.csv, 'ill' in data row 2 of w.csv, '?!' in data row 3" in text
    assert " and 2 more; mend the file" in text


def test_many_texts_and_few_numbers_are_no_strays(tmp_path):
    many = int(300 * MOST_STRAYS) + 1
    for strays, numbers in ((["ill"] * many, 300), (["ill"], LEAST_NUMBERS)):
        profile = profile_file(wave(tmp_path, "w.csv", strays, numbers), "w.csv")
        assert stray_texts([profile.columns["score"]]) == []


def test_ids_with_letters_stay_ids(tmp_path):
    path = wave(tmp_path, "w.csv")
    lines = path.read_text("utf-8").splitlines()
    lines[1] = lines[1].replace("1,0,", "1,0b,", 1)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    __, draft = drafted(tmp_path, path)
    assert [level["id"] for level in draft["levels"]] == ["school", "pupil"]
