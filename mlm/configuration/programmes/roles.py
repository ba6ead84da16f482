"""What each column of a file is for its programme: the same in all cycles, whatever its name."""

from __future__ import annotations

import re

from mlm.configuration.programmes.programme import Programme, Replication
from mlm.configuration.programmes.recognition import FileColumns, replication_of


def roles_of(programme: Programme, columns: FileColumns) -> dict[str, str]:
    """Columns of a file by what they are, as the file spells them; those that are there.

    Roles are ``id school``, ``weight school``, ``factor school 1``, ``strata``, ``replicate 1``,
    ``zone``, ``unit``, ``math 1`` (a plausible value), ``gender`` (a covariate).
    """
    named = {f"id {kind}": column for kind, column in programme.ids.items()}
    named |= {f"weight {kind}": column for kind, column in programme.weights.items()}
    for kind, factors in programme.factors.items():
        named |= {f"factor {kind} {i}": column for i, column in enumerate(factors, start=1)}
    named["strata"] = programme.strata
    known = replication_of(programme, columns)
    if known is not None:
        named |= _replicates(known, columns)
    for domain in programme.domains:
        named |= {f"{domain.name} {m}": column for m, column in enumerate(domain.draws, start=1)}
    named |= programme.covariates
    found = {role: columns.get(column) for role, column in named.items() if column}
    return {role: column for role, column in found.items() if column is not None}


def _replicates(known: Replication, columns: FileColumns) -> dict[str, str]:
    """Replicate weights, those of a longer row of numbers too; or zones and units."""
    if not known.columns:
        return {"zone": known.zone, "unit": known.unit}
    names = list(known.names)
    stem, last = re.fullmatch(r"(.*\D)(\d+)", names[-1]).groups()
    number = int(last) + 1
    while (further := columns.get(f"{stem}{number:0{len(last)}d}")) is not None:
        names.append(further)
        number += 1
    return {f"replicate {r}": column for r, column in enumerate(names, start=1)}
