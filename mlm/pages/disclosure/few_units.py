"""Variables of which nothing is told, as the units of a survey that have their categories are few.

Of an experiment with many persons in one school every contrast is hidden by the rule on units: who
publishes is told so, and which key of the configuration decides it.
"""

from __future__ import annotations

from dataclasses import replace

from mlm.pages.context import Context
from mlm.pages.disclosure.support import weak_categories


def untold_variables(context: Context) -> list[str]:
    """Variables of the models of which no contrast may be shown, for whatever reason."""
    return _without_contrast(context, context.weak_categories)


def untold_for_few_units(context: Context) -> list[str]:
    """Those of them that have persons enough: the rule on units alone hides them."""
    of_persons = replace(context, rules=replace(context.rules, units=0))
    few_persons = _without_contrast(context, weak_categories(of_persons))
    return [name for name in untold_variables(context) if name not in few_persons]


def _without_contrast(context: Context, weak: frozenset) -> list[str]:
    found = []
    for name in context.variables:
        variable = context.configuration.variables.get(name)
        if variable is None or not variable.is_category:
            continue
        reference = context.labels.reference_value(name)
        others = [category for category in variable.categories if category != reference]
        if others and all((name, category, None) in weak for category in others):
            found.append(name)
    return found
