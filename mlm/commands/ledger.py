"""Command: the ledger of a survey as a table. Layer: commands."""

from __future__ import annotations

from mlm.commands.arguments import Config, MadeBy, OutFile, SurveyFile


def ledger(config: Config, survey: SurveyFile, out: OutFile, made_by: MadeBy = None) -> None:
    """Write one CSV with every row and every missing cell of a survey, by wave and reason."""
    from mlm.commands.made import Making, job_name
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.pages.ledger_table import ledger_text
    from mlm.results.survey.survey import SurveyAccount

    configuration = load_configuration(config)
    made = Making(job_name("ledger", configuration.survey), made_by)
    made.check([survey])
    write_text(out, ledger_text(configuration, SurveyAccount.load(survey)))
    made.record([out])
