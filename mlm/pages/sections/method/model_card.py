"""The model card: what the settled model is, what it may be used for, and what not."""

from __future__ import annotations

from mlm.pages.blocks import Cell, column, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import _, ngettext
from mlm.pages.rounding import count, plain, tally
from mlm.pages.sections.method.fit_notes import boundary_words
from mlm.pages.sections.method.reproducibility import commit_words
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, enumerate_words, plain_text, say
from mlm.pages.words.units import counted_units
from mlm.results.notes import SingularFit

SETTLED = "settled.reml"


def model_card_section(context: Context) -> Section:
    """One table that says all of the settled model that a reader must know before using it."""
    rows = [row(name, cell) for name, cell in _entries(context)]
    columns = [column(_("Item"), "text"), column(_("This model"), "text")]
    caption = _("Model card of the settled model")
    return Section("card", _("Model card"), [table("card", caption, columns, rows)])


def _entries(context: Context) -> list[tuple[str, Cell]]:
    labels = context.labels
    return [
        (_("Outcome"), f"{labels.outcome} ({labels.unit})"),
        (_("Design"), context.design),
        (_("Rows and units"), _sizes(context)),
        (_("Formula"), context.results.settled.formula.value),
        (
            _("Estimation"),
            _("restricted maximum likelihood (REML); terms are dropped by F tests under it"),
        ),
        (_("Intervals"), _("95%, t distribution, degrees of freedom by Satterthwaite's method")),
        (_("Selection of terms"), _selection(context)),
        (_("Weights"), _("not used")),
        (_("Missing values"), _left_out(context)),
        (_("State of the fit"), _state(context)),
        (
            _("Intended use"),
            _(
                "To describe how the outcome varies between the groups of this survey and over "
                "its waves, and how it differs with the variables, other things equal."
            ),
        ),
        (
            _("Not intended"),
            _(
                "To judge single pupils or teachers; to rank groups where the checks are not "
                "passed; to claim effects of variables that were not allocated at random; to "
                "predict outside the range of the data."
            ),
        ),
        (_("Made with"), _made_with(context)),
    ]


def _sizes(context: Context) -> list[Run]:
    return enumerate_words([counted_units(context.labels, *size) for size in context.sizes])


def _selection(context: Context) -> list[Run]:
    reduction = context.results.reduction
    protected = context.labels.terms(reduction.protected.value)
    return say(
        ngettext(
            "{kept} of {whole} term kept, at level {alpha}; protected: {terms}",
            "{kept} of {whole} terms kept, at level {alpha}; protected: {terms}",
            len(context.results.full.terms),
        ),
        kept=tally(derive("count", context.results.settled.terms)),
        whole=tally(derive("count", context.results.full.terms)),
        alpha=plain(reduction.alpha),
        terms=protected or _("none"),
    )


def _left_out(context: Context) -> list[Run]:
    kept = derive("sum", *(wave.rows_kept for wave in context.survey.waves))
    template = (
        _("rows without the outcome, which are left out: {n}; other missing values were imputed")
        if context.is_imputed
        else _("rows with a missing value in a variable of the full model, which are left out: {n}")
    )
    return say(
        template,
        n=count(derive("difference", kept, context.results.n_obs)),
    )


def _state(context: Context) -> str:
    state = (
        _("the optimum is certified")
        if context.settled.converged.value
        else _("the optimum could not be certified")
    )
    singular = [
        note
        for note in context.results.notes
        if isinstance(note.value, SingularFit) and note.fit.value == SETTLED
    ]
    boundary = (
        plain_text(boundary_words(context, singular[0]))
        if singular
        else _("on the boundary")
        if context.settled.is_singular.value
        else _("no variance is zero")
    )
    return _("{state}; {boundary}").format(state=state, boundary=boundary)


def _made_with(context: Context) -> str:
    version = context.provenance.version.text("[x]")
    return f"mlm {version} {commit_words(context.provenance)}".strip()
