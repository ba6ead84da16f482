"""Command: the waves of a survey linked to each other. Layer: commands."""

from __future__ import annotations

from mlm.commands.arguments import CleanFiles, Config, MadeBy, OutFile


def link(
    config: Config,
    clean: CleanFiles,
    out: OutFile,
    made_by: MadeBy = None,
) -> None:
    """Link the waves: who recurs, stays, leaves or is new; check the claimed design.

    The ledger of a wave is read from beside its cleaned rows (same name, suffix .json).
    """
    from mlm.commands.made import Making, job_name
    from mlm.commands.tables import by_wave, ledger_beside, ledger_path
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.rows.linking.linking import link_waves

    configuration = load_configuration(config)
    paths = by_wave(configuration, clean)
    made = Making(job_name("link", configuration.survey), made_by)
    made.check(file for path in paths.values() for file in (path, ledger_path(path)))
    ledgers = {wave: ledger_beside(path) for wave, path in paths.items()}
    write_text(out, link_waves(configuration, paths, ledgers).to_json())
    made.record([out])
