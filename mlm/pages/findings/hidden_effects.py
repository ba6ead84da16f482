"""What a public report tells nothing of since few units have it, and how this may be changed."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.disclosure.few_units import untold_for_few_units
from mlm.pages.disclosure.support import level_of_units
from mlm.pages.language import _
from mlm.pages.text import Run, enumerate_words, say


def hidden_effects_words(context: Context) -> list[list[Run]]:
    """A sentence for the variables of each level whose effects the rule on units hides."""
    found: dict[str | None, list[str]] = {}
    for name in untold_for_few_units(context):
        found.setdefault(level_of_units(name, context), []).append(context.labels.variable(name))
    return [
        say(
            _(
                "Nothing is told of the effects of {variables}: their categories are not found in "
                "enough {units}. “units” under “disclosure” in the configuration says what is "
                "enough; with “mode: controlled” all is told, in a report for inside use."
            ),
            variables=enumerate_words(names),
            units=context.labels.plural(level),
        )
        for level, names in found.items()
    ]
