"""Classes that are no level although variables of the rows have one value for each."""

from __future__ import annotations

import pytest

from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.linking.linking import link_waves
from tests.classes_in_schools import WAVES, configuration, frames

CLASS = "  - {name: class, id: class, plural: classes, crossed: pupil}\n"
LEFT_OUT = {CLASS: "", "level: class": "level: row"}


def linked(folder, changes, renamed="class", spoil=0):
    """The survey linked from files in which classes have a column of some name."""
    for wave, frame in frames(schools=4, pupils=12).items():
        values = frame["size"].to_numpy(copy=True)
        values[:spoil] = ["r" if value == "s" else "s" for value in values[:spoil]]
        frame = frame.assign(size=values).rename(columns={"class": renamed})
        frame.to_csv(folder / f"{wave}.csv", index=False)
    config = configuration(folder, changes)
    waves = {wave: clean_in_chunks(config, wave) for wave in WAVES}
    return link_waves(config, waves, {name: wave.ledger for name, wave in waves.items()})


def missing(account):
    """The levels that the account says are missing."""
    return [doubt for doubt in account.separability if doubt.kind == "missing_level"]


@pytest.mark.parametrize("column", ["class", "TEACHER", "classroom_id"])
def test_a_variable_of_classes_that_are_no_level_is_told(tmp_path, column):
    (doubt,) = missing(linked(tmp_path, LEFT_OUT, column))
    assert (doubt.column, doubt.variables) == (column, ("size",))
    sizes = [frame.groupby(["school", "class"]).size() for frame in frames(4, 12).values()]
    assert doubt.groups == sum(int((size > 1).sum()) for size in sizes)


@pytest.mark.parametrize(
    ("changes", "column", "spoil"),
    [({}, "class", 0), (LEFT_OUT, "room", 0), (LEFT_OUT, "class", 3)],
    ids=["a level", "no word for classes", "values differ inside"],
)
def test_nothing_is_told_of_other_columns(tmp_path, changes, column, spoil):
    assert not missing(linked(tmp_path, changes, column, spoil))
