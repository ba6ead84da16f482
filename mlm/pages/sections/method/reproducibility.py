"""How to make the report again: software, configuration, command and files."""

from __future__ import annotations

from mlm.pages.blocks import Block, code, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import count
from mlm.pages.sections.section import Section
from mlm.pages.text import say
from mlm.results.reading import At


def reproducibility_section(context: Context) -> Section:
    """The section that says how to make the report again."""
    source = context.configuration.source
    blocks: list[Block] = [paragraph(say(_("Source of the data: {source}"), source=source))]
    blocks.append(_software_table(context))
    command = context.provenance.command
    if not command.empty:
        blocks.append(code(command.text(), _("Command that makes this report")))
    blocks += _inputs_table(context)
    return Section("reproducibility", _("Reproducibility"), blocks)


def _software_table(context: Context) -> Block:
    provenance = context.provenance
    rows = [row("mlm", provenance.version.text("[x]"))]
    if not provenance.commit.empty:
        rows.append(row(_("Commit"), commit_words(provenance)))
    if not provenance.python.empty:
        rows.append(row(_("Python"), provenance.python.text()))
    rows += [
        row(item.name.value, item.version.text(_("not installed"))) for item in provenance.packages
    ]
    if not provenance.configuration.empty:
        rows.append(row(_("Configuration"), provenance.configuration.path.text()))
        rows.append(row(_("Configuration, SHA-256"), digest(provenance.configuration.sha256)))
    columns = [column(_("Item"), "text"), column(_("Version or value"), "text")]
    return table("software", _("Software and configuration"), columns, rows)


def commit_words(provenance: At) -> str:
    """Revision of the code, and whether the code was changed since."""
    name = provenance.commit.text()
    return _("{name} with changes").format(name=name) if provenance.has_changes.value else name


def _inputs_table(context: Context) -> list[Block]:
    files = [(wave, item) for wave in context.survey.waves for item in wave.files]
    if not files:
        return []
    rows = [
        row(
            item.file.text(),
            context.labels.wave(wave.wave.value),
            count(item.rows_read),
            digest(item.sha256),
        )
        for wave, item in files
    ]
    columns = [
        column(_("File"), "text"),
        column(_("Wave"), "text"),
        column(_("Rows read")),
        column(_("SHA-256"), "text"),
    ]
    return [heading("inputs", _("Input files")), table("inputs", _("Input files"), columns, rows)]


def digest(at: At) -> str:
    """The beginning of a hash: enough to compare by eye."""
    return "[x]" if at.missing else f"{at.value[:16]}…"
