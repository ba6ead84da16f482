"""Disclosure: what was hidden, by which rule, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.blocks import Block, column, note, paragraph, row, table
from mlm.pages.blocks import bullets as bullet_list
from mlm.pages.context import Context
from mlm.pages.disclosure.counting import ANALYSES, VERSION
from mlm.pages.disclosure.few import DEPENDENT, DOMINATED, SINGLE
from mlm.pages.disclosure.hiding import LEFT_OUT, POOLED, SHORTER, TEXT
from mlm.pages.disclosure.rules import PUBLIC
from mlm.pages.disclosure.suppression.suppress import FIRST, SECOND
from mlm.pages.language import N_, _
from mlm.pages.rounding import plain, tally
from mlm.pages.sections.section import Section
from mlm.pages.text import plain_text, say
from mlm.results.reading import At

RULES = {
    FIRST: N_("Small count"),
    SECOND: N_("Complementary: a small count would follow from it"),
    ANALYSES: N_("A small difference from another analysis would follow from it"),
    VERSION: N_("A small difference from the version before would follow from it"),
    DEPENDENT: N_("Tells a hidden count, or rests on few persons or units"),
    SHORTER: N_("Would tell a hidden count: shown with a digit fewer"),
    DOMINATED: N_("One unit behind it would learn of another"),
    SINGLE: N_("Value of a single unit"),
    LEFT_OUT: N_(
        "In rows and columns of which little was left, which are left out, and in sentences that "
        "are said without them"
    ),
    POOLED: N_("Marks of single units, joined with their neighbours or left out"),
}


def mode_words(disclosure: Mapping[str, Any]) -> str:
    """The mode of a report in one sentence."""
    if disclosure["mode"] == PUBLIC:
        return _("Public: counts below {threshold} are hidden.").format(
            threshold=disclosure["threshold"]
        )
    return _("Controlled: for inside use, not for publication.")


def disclosure_section(context: Context, document: Mapping[str, Any]) -> Section:
    """The rules that held, and the log of what they hid."""
    found = document["disclosure"]
    title = _("Protection of the people in the survey")
    if not context.rules.is_public:
        words = _(
            "This report was made in controlled mode: it shows small counts and names small "
            "units. It is for inside use and must not be published."
        )
        return Section("disclosure", title, [note("caution", words)])
    blocks: list[Block] = [paragraph(_("This report was made in public mode:")), _rules(found)]
    if not found["log"]:
        blocks.append(paragraph(_("Nothing had to be hidden."), "answer"))
    else:
        blocks.append(_log_table(found, document))
    return Section("disclosure", title, blocks)


def _rules(found: Mapping[str, Any]) -> Block:
    threshold = plain(At(found["threshold"], "disclosure#/threshold"))
    return bullet_list(
        [
            say(
                _(
                    "No count of fewer than {threshold} persons is shown, in text, tables, charts "
                    "or files. A zero is shown: it counts nobody. Units that each hold so many "
                    "persons are counted freely."
                ),
                threshold=threshold,
            ),
            _(
                "Further numbers are hidden until all that is shown, with its rounding, would "
                "let each hidden count of few persons be as large as that. The written files "
                "were audited for it."
            ),
            _(
                "All reports of the survey are protected together, and against the version before: "
                "what another report shows, or showed, counts as known."
            ),
            _(
                "Shares, means and standard deviations that tell a hidden count are hidden too, or "
                "shown with a digit fewer where that is enough; so "
                "are means and coefficients that rest on few persons or units, or from which one "
                "unit, who knows its own people, would learn those of another."
            ),
            say(
                _(
                    "No value of a single pupil, or of a unit that may have fewer than {threshold} "
                    "people, is shown: no largest or smallest one, and marks of charts stand for "
                    "at least {threshold} of them."
                ),
                threshold=threshold,
            ),
            say(
                _(
                    "No unit is named that may have fewer than {threshold} people. Numbers of "
                    "waves, terms and parameters, and of named units above or below expectation, "
                    "are not counts of people and are shown."
                ),
                threshold=threshold,
            ),
        ]
    )


def _log_table(found: Mapping[str, Any], document: Mapping[str, Any]) -> Block:
    captions = _captions(document)
    rows = [
        row(
            captions.get(item["place"], item["place"]),
            _(RULES[rule]),
            tally(At(item["cells"], f"disclosure#/log/{position}/cells")),
        )
        for position, item in enumerate(found["log"])
        for rule in [item["rule"]]
    ]
    columns = [column(_("Where"), "text"), column(_("Rule"), "text"), column(_("Cells"))]
    return table(
        "suppression", _("Cells hidden or rounded, by place and rule"), columns, rows, folded=True
    )


def _captions(document: Mapping[str, Any]) -> dict[str, str]:
    blocks = [document["findings"][key] for key in ("figure", "lead", "table")]
    blocks += [block for section in document["sections"] for block in section["blocks"]]
    captions = {b["id"]: plain_text(b["caption"]) for b in blocks if b and "caption" in b}
    return captions | {TEXT: _("In the text")}
