"""The last pages: glossary, limitations, reproducibility."""

from __future__ import annotations

from mlm.pages.blocks import Block, code, column, definitions, heading, paragraph, row, table
from mlm.pages.blocks import bullets as bullet_list
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.node import Node
from mlm.pages.numbers import count
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, plain_text, say
from mlm.pages.told import tell

GLOSSARY = (
    (
        N_("95% interval"),
        N_(
            "A range found by a method that covers the true value in 95 of 100 surveys like this "
            "one."
        ),
    ),
    (
        N_("Adjusted"),
        N_("With the other variables of the model held equal."),
    ),
    (
        N_("AIC, BIC"),
        N_(
            "Deviance plus a charge for each parameter, the BIC charging more: of two models of "
            "the same rows, the one with the smaller value serves better for what it takes."
        ),
    ),
    (
        N_("Comparative interval"),
        N_(
            "An interval for comparing groups with each other: bars that do not overlap belong to "
            "groups that differ. It is narrower than a 95% interval."
        ),
    ),
    (
        N_("Cook's distance"),
        N_(
            "How far all coefficients together move when one group is left out, in units of what "
            "chance alone would move them."
        ),
    ),
    (
        N_("Degrees of freedom (df)"),
        N_(
            "How much information a standard error rests on. For a variable that describes a "
            "school, it is about the number of schools, however many pupils there are."
        ),
    ),
    (
        N_("Deviance"),
        N_("Minus two times the log-likelihood: the smaller, the better a model fits the data."),
    ),
    (N_("Fixed effect"), N_("A coefficient that is the same for all groups.")),
    (
        N_("Level"),
        N_(
            "A kind of unit (pupil, school, county). The units of a lower level belong to those of "
            "a higher one."
        ),
    ),
    (
        N_("Likelihood-ratio test"),
        N_("Compares two models by the difference of their deviances (χ²)."),
    ),
    (
        N_("ML, REML"),
        N_(
            "Maximum likelihood and restricted maximum likelihood, two ways of fitting the same "
            "model."
        ),
    ),
    (
        "p",
        N_("The probability of a result at least as far from zero if there were nothing to find."),
    ),
    (
        N_("p (Holm)"),
        N_(
            "p made larger for the number of tests of the same kind, so that the chance of a "
            "false alarm among all of them stays that of one."
        ),
    ),
    (
        N_("Posterior mean"),
        N_(
            "The estimate of one group's effect, drawn towards the average of all groups in "
            "proportion to how little is known about it. Also called BLUP or conditional mode."
        ),
    ),
    (
        N_("Product (×)"),
        N_(
            "A term that lets the effect of one variable depend on the value of another; also "
            "called interaction."
        ),
    ),
    (
        N_("Random intercept"),
        N_("A level of its own for each group, the effects of variables being the same in all."),
    ),
    (N_("Random slope"), N_("An effect of a variable that differs from group to group.")),
    (
        N_("Reliability"),
        N_(
            "The share of the variation in estimated group effects that is true variation: 1 when "
            "chance plays no part, 0 when it is all chance."
        ),
    ),
    (
        N_("Share of the variation"),
        N_(
            "Variance at one level divided by the sum over all levels. Also called variance "
            "partition coefficient; in the null model, intraclass correlation."
        ),
    ),
    (N_("Standard error (SE)"), N_("The typical distance between an estimate and the true value.")),
    (
        N_("Standard deviation (SD)"),
        N_("The typical distance of values from their mean; its square is the variance."),
    ),
    (N_("Wave"), N_("One round of the survey.")),
)


def glossary_section(context: Context) -> Section:
    """The section that explains the words of the report."""
    return Section(
        "glossary", _("Glossary"), [definitions([(_(term), _(words)) for term, words in GLOSSARY])]
    )


def limitations_section(context: Context) -> Section:
    """The section on what the report does not show."""
    items: list[str | list[Run]] = [
        _(
            "Coefficients describe differences between cases that are alike in the other variables "
            "of the model. Except where a variable was allocated at random, they are not effects "
            "of changing it."
        ),
        _(
            "Rows with a missing value in any variable of the full model are left out. If what is "
            "missing depends on what cannot be seen, estimates are biased."
        ),
        _(
            "The data chose the final model. Its intervals and p-values do not allow for that "
            "choice; those of the full model do not suffer from it."
        ),
        _("Sampling weights are not used. Shares and means describe the sample as modelled."),
        _(
            "Random effects and residuals are taken to be normally distributed, with the same "
            "variance everywhere on a level."
        ),
    ]
    if any(item["count"].value for item in context.survey.get("unit_changes")):
        items.append(
            _(
                "Units that move count as new units after the move. Part of what belongs to the "
                "unit is then counted twice."
            )
        )
    if not context.is_longitudinal:
        items.append(_("The survey has one wave: nothing can be said about change."))
    return Section("limitations", _("Limitations"), [bullet_list(items)])


def reproducibility_section(context: Context) -> Section:
    """The section that says how to make the report again."""
    source = context.configuration.source
    blocks: list[Block] = [paragraph(say(_("Source of the data: {source}"), source=source))]
    blocks.append(_software_table(context))
    command = context.provenance.get("command")
    if not command.empty:
        blocks.append(code(command.text(), _("Command that makes this report")))
    blocks += _inputs_table(context)
    return Section("reproducibility", _("Reproducibility"), blocks)


def _software_table(context: Context) -> Block:
    provenance = context.provenance
    rows = [row("mlm", provenance.get("version").text("[x]"))]
    if not provenance.get("commit").empty:
        rows.append(row(_("Commit"), plain_text(tell(context, provenance["commit"]))))
    if not provenance.get("python").empty:
        rows.append(row(_("Python"), provenance["python"].text()))
    rows += [row(name, version.text()) for name, version in provenance.get("packages").items()]
    configuration = provenance.get("configuration")
    if not configuration.empty:
        rows.append(row(_("Configuration"), configuration.get("path").text()))
        rows.append(row(_("Configuration, SHA-256"), digest(configuration.get("sha256"))))
    columns = [column(_("Item"), "text"), column(_("Version or value"), "text")]
    return table("software", _("Software and configuration"), columns, rows)


def _inputs_table(context: Context) -> list[Block]:
    files = [(wave, item) for wave in context.survey.get("waves") for item in wave.get("files")]
    if not files:
        return []
    rows = [
        row(
            item["file"].text(),
            context.labels.wave(wave["wave"].text()),
            count(item.get("rows_read")),
            digest(item.get("sha256")),
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


def digest(node: Node) -> str:
    """The beginning of a hash: enough to compare by eye."""
    return "[x]" if node.empty else f"{node.value[:16]}…"
