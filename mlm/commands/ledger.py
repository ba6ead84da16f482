"""Command: the ledger of a survey as a table. Layer: commands."""

from __future__ import annotations

from mlm.commands.arguments import Config, OutFile, SurveyFile


def ledger(config: Config, survey: SurveyFile, out: OutFile) -> None:
    """Write one CSV with every row and every missing cell of a survey, by wave and reason."""
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.pages.ledger_table import ledger_text
    from mlm.results.survey.survey import SurveyAccount

    write_text(out, ledger_text(load_configuration(config), SurveyAccount.load(survey)))
