"""Counts of rows that lack covariates: every relation that the audit knows holds in a survey."""

from __future__ import annotations

from types import SimpleNamespace

from mlm.configuration import load_configuration
from mlm.pages.disclosure.rules import Rules
from mlm.pages.disclosure.survey_relations.lacking import lacking_relations
from mlm.results.reading import At
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import clean_wave
from tests.unit.rows.linking.test_missing_account import CONFIGURATION, drawn_waves


def test_every_relation_of_rows_without_covariates_holds(tmp_path):
    (tmp_path / "gaps.yaml").write_text(CONFIGURATION, encoding="utf-8")
    for wave, frame in drawn_waves(5).items():
        frame.to_csv(tmp_path / f"{wave}.csv", index=False)
    configuration = load_configuration(tmp_path / "gaps.yaml")
    tables, ledgers = {}, {}
    for wave in "ab":
        tables[wave], ledgers[wave] = clean_wave(configuration, wave, tmp_path)
    survey = link_waves(configuration, tables, ledgers)
    complete = survey.missing_covariates[0].analyses[0].patterns
    n_obs = next(item.rows for item in complete if not item.variables)
    context = SimpleNamespace(
        configuration=configuration,
        survey=At(survey, "survey#"),
        results=SimpleNamespace(n_obs=At(n_obs, "results#/n_obs")),
        is_imputed=False,
        analysis="all",
        variables=["score", "ses", "age", "tongue", "money"],
        rules=Rules(),
    )
    relations = list(lacking_relations(context))
    assert len(relations) > 20
    for terms in relations:
        total = sum(factor * node.value for factor, node in terms)
        assert total == 0, [(factor, node.source, node.value) for factor, node in terms]
