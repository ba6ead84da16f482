"""Counts of units over the waves, in all and by group of a policy: which add up to which."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mlm.pages.disclosure.relations import attrition_relations
from mlm.pages.disclosure.survey_relations.groups import group_relations
from mlm.pages.disclosure.unit_relations import relations_by_number_of_waves
from mlm.results.reading import At
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import clean_wave
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

HEAD = "school,pupil,score,ses,sex,kind\n"


def drawn_waves(seed: int) -> list[str]:
    """Three waves of pupils who come, go and come back, some without a score or a group."""
    rng = np.random.default_rng(seed)
    waves = []
    for __ in range(3):
        rows = []
        for pupil in np.flatnonzero(rng.random(40) < 0.8):
            score = "" if rng.random() < 0.2 else str(pupil)
            kind = rng.choice(["x", "y", ""], p=[0.5, 0.4, 0.1])
            rows.append(f"0{1 + pupil % 3},{100 + pupil},{score},1.5,{'gb'[pupil % 2]},{kind}\n")
        waves.append(HEAD + "".join(rows))
    return waves


@pytest.mark.parametrize("seed", range(3))
def test_every_relation_of_units_over_waves_holds(tmp_path, seed):
    text = CONFIGURATION.replace("    level: school\n", "    level: row\n")
    text = text.replace("label: Kind of school, type: category, level: school", "label: Kind, "
                        "type: category, level: row")  # fmt: skip
    text = text.replace("time_interactions: [sex]", "policy: {kind: randomised}")
    third = "  - {name: b, time: 1, files: [b.csv]}\n"
    text = text.replace(third, third + third.replace("b", "c").replace("time: 1", "time: 2"))
    *waves, last = drawn_waves(seed)
    (tmp_path / "c.csv").write_text(last, encoding="utf-8")
    configuration = write_survey(tmp_path, text, *waves)
    tables, ledgers = {}, {}
    for wave in "abc":
        tables[wave], ledgers[wave] = clean_wave(configuration, wave, tmp_path)
    survey = link_waves(configuration, tables, ledgers)
    assert survey.groups_followed and any(flow.back for flow in survey.attrition)
    context = SimpleNamespace(configuration=configuration, survey=At(survey, "survey#"))
    relations = list(group_relations(context))
    assert len(relations) > 90
    relations += [*attrition_relations(context), *relations_by_number_of_waves(context)]
    for terms in relations:
        total = sum(factor * node.value for factor, node in terms)
        assert total == 0, [(factor, node.source, node.value) for factor, node in terms]
    told = {node.source.rpartition("/")[2] for terms in relations for __, node in terms}
    assert {"seen", "gone", "ungrouped", "known", "missing", "units", "stay", "leave"} <= told
