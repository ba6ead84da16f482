"""All programmes that are known, found by their names."""

from __future__ import annotations

import re

from mlm.configuration.names import nearest
from mlm.configuration.programmes.iea_pupils import ICCS, ICILS
from mlm.configuration.programmes.naep import NAEP
from mlm.configuration.programmes.pisa import PISA
from mlm.configuration.programmes.programme import Programme
from mlm.configuration.programmes.regional import ERCE, PASEC
from mlm.configuration.programmes.talis import TALIS
from mlm.configuration.programmes.timss import PIRLS, TIMSS

PROGRAMMES: tuple[Programme, ...] = (
    *PISA,
    *TIMSS,
    *PIRLS,
    *ICCS,
    *ICILS,
    *TALIS,
    *PASEC,
    *ERCE,
    *NAEP,
)
"""Every programme in every cycle, oldest first."""

_NAMED = re.compile(r"(?P<name>[a-z]+)[ _-]*(?P<cycle>\d{4})?(?:[ ,_-]*grade[ _-]*(?P<grade>\d+))?")
_ALSO = {"LLECE": "ERCE"}


def programmes_named(text: str) -> tuple[Programme, ...]:
    """Programmes that a name may mean: ``PISA``, ``PISA 2012``, ``TIMSS 2019 grade 4``.

    Parameters
    ----------
    text : str
        Name, with the cycle and the grade or without; capitals do not count.

    Returns
    -------
    tuple of Programme
        All that fit, oldest first: one, where cycle and grade are said or there is but one.

    Raises
    ------
    ValueError
        No programme is so named; the nearest names are told.
    """
    found = _NAMED.fullmatch(text.strip().lower())
    name = found["name"].upper() if found else text
    known = [p for p in PROGRAMMES if p.name == _ALSO.get(name, name)]
    if not known:
        names = list(dict.fromkeys(p.name for p in PROGRAMMES))
        raise ValueError(f"{text!r} is not a programme that is known; {nearest(name, names)}")
    cycles = list(dict.fromkeys(p.cycle for p in known))
    if found["cycle"] and found["cycle"] not in cycles:
        raise ValueError(
            f"{known[0].name} has no cycle {found['cycle']} here; expected one of "
            f"{', '.join(cycles)}"
        )
    fit = [p for p in known if found["cycle"] in (None, p.cycle)]
    grades = sorted({p.grade for p in fit if p.grade})
    if found["grade"] and int(found["grade"]) not in grades:
        expected = " or ".join(map(str, grades)) if grades else "none"
        raise ValueError(
            f"{known[0].name} has no files of grade {found['grade']} here; expected {expected}"
        )
    return tuple(p for p in fit if found["grade"] in (None, str(p.grade)))
