"""Who leaves between one wave and the next, by the categories known of them before."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mlm.rows.configuration.models import Configuration
from mlm.rows.tracks import Track


def attrition_by_category(
    configuration: Configuration, tables: Mapping[str, pd.DataFrame], units: Track
) -> list[dict]:
    """Units of a recurring level that stay or leave, by category of each variable.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    tables : mapping of str to DataFrame
        Cleaned rows by wave, in order of time.
    units : Track
        The level.

    Returns
    -------
    list of dict
        level, from, to, variable, category (null: missing), stay, leave. Categories are those of
        the wave before; the sums over the categories are the flows of the level, to the unit.
    """
    names = configuration.level_names
    path = list(names[: names.index(units.level) + 1])
    keys = path[-1:] if units.by_id else path
    variables = _variables(configuration, units.level)
    entries = []
    waves = list(tables)
    for before, after in zip(waves, waves[1:], strict=False):
        there = tables[before].drop_duplicates(keys)
        later = tables[after][keys].drop_duplicates()
        stays = there[keys].merge(later, how="left", indicator=True)["_merge"].eq("both")
        for name in variables:
            table = pd.crosstab(there[name].astype(object).fillna(""), stays.to_numpy())
            known = [*configuration.variables[name].categories, ""]
            entries += [
                {
                    "level": units.level,
                    "from": before,
                    "to": after,
                    "variable": name,
                    "category": category or None,
                    "stay": int(table.get(True, {}).get(category, 0)),
                    "leave": int(table.get(False, {}).get(category, 0)),
                }
                for category in known
                if category in table.index
            ]
    return entries


def _variables(configuration: Configuration, level: str) -> list[str]:
    """Categories that describe a unit of the level in a wave: its own, and those above it."""
    depth = configuration.depth(level)
    rows_are_units = (
        configuration.design == "same_pupils" and level == configuration.level_names[-1]
    )
    return [
        name
        for name, variable in configuration.variables.items()
        if variable.is_category and (configuration.depth(variable.level) <= depth or rows_are_units)
    ]
