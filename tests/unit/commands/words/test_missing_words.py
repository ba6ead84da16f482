"""Advice where many rows lack covariates and nothing says what becomes of them."""

from __future__ import annotations

import pytest

from mlm.commands.words.missing_words import undecided_words
from mlm.configuration import load_configuration
from mlm.rows.linking.linking import link_waves
from tests.unit.rows.linking.test_missing_account import CONFIGURATION, drawn_waves


def told(folder, missing: str = "") -> list[str]:
    (folder / "gaps.yaml").write_text(CONFIGURATION + missing, encoding="utf-8")
    configuration = load_configuration(folder / "gaps.yaml")
    return list(undecided_words(configuration, link_waves(configuration, drawn_waves(3))))


def test_rows_that_are_lost_are_told_with_what_to_say(tmp_path):
    waves = drawn_waves(3)
    rows = [frame[frame["score"].notna()] for frame in waves.values()]
    of = sum(map(len, rows))
    lost = sum(
        int(frame[["ses", "age", "tongue", "money"]].isna().any(axis=1).sum()) for frame in rows
    )
    found = told(tmp_path)
    assert len(found) == 2
    assert found[0].startswith(
        f"please look: analysis all: {lost / of:.0%} of the rows that have the outcome "
        f"({lost:,} of {of:,}) lack a covariate, which is more than 5%: what "
    )


@pytest.mark.parametrize("missing", ["missing: {method: complete}\n", "missing: {method: joint}\n"])
def test_nothing_is_told_where_it_is_said(missing, tmp_path):
    assert told(tmp_path, missing) == []
