"""PASEC and ERCE: the first and the last years of primary school in Africa and Latin America.

Sources
-------
PASEC: programs of the World Bank's Global Learning Assessment Database (2014, 2019), which hold the
bounds of the levels; the sufficient ones (level 3 of reading and 2 of mathematics in grade 2,
levels 3 and 2 in grade 6) as UNESCO's summaries take them. Replicates are of pairs of schools, one
each. ERCE: the package erce and its training material (100 replicates, Fay, factor 0.5; weights of
pupils and schools); program LLECE-T 2019 of the same database.
"""

from __future__ import annotations

from mlm.configuration.programmes.programme import Domain, Programme, Replication

_SUFFICIENT = "Sufficient competency threshold"
_PASEC_CUTS = {2: (540.0, 489.0), 6: (518.4, 521.5)}
_PASEC_REPLICATES = {2: 45, 6: 90}
_PASEC_SEX = {("2014", 2): "qe22", ("2014", 6): "qe62", ("2019", 2): "qe23", ("2019", 6): "qe63"}


def _pasec(cycle: str, grade: int) -> Programme:
    reading, mathematics = _PASEC_CUTS[grade]
    pairs = _PASEC_REPLICATES[grade]
    return Programme(
        name="PASEC",
        cycle=cycle,
        grade=grade,
        ids={"country": "ID_PAYS", "school": "ID_ECOLE", "pupil": "ID_ELEVE"},
        weights={"pupil": "rwgt0"},
        replications=(
            Replication("jk2", f"rwgt{{1..{pairs}}}", halves="one", pairs=pairs),
            Replication("jk2", zone="JKZONE", unit="JKREP", halves="one", pairs=pairs),
        ),
        domains=(
            Domain("read", "Reading", "LECT_PV{1..5}", reading, _SUFFICIENT),
            Domain("math", "Mathematics", "MATHS_PV{1..5}", mathematics, _SUFFICIENT),
        ),
        strata="ID_STRATE",
        covariates={"gender": _PASEC_SEX[cycle, grade], "status": "SES"},
        others=(r"JKZONE|JKREP|PAYS|ID_TOT", r"rwgt\d+", r"W_ECOLE"),
        files=(rf"pasec_?{cycle}_grade{grade}.*",),
        sources=(
            "World Bank, Global Learning Assessment Database, programs PASEC 2014 and 2019",
            "CONFEMEN, guide to the PASEC2019 data (jackknife of pairs)",
        ),
        unconfirmed=("a column of school weights that both cycles have in the pupils' files",),
    )


def _erce(cycle: str) -> Programme:
    return Programme(
        name="ERCE",
        cycle=cycle,
        ids={"country": "IDCNTRY", "school": "IDSCHOOL", "class": "IDCLASS", "pupil": "IDSTUD"},
        weights={"pupil": "WT", "school": "WJ"},
        replications=(Replication("fay", "BRR{1..100}", factor=0.5),),
        domains=(
            Domain("math", "Mathematics", "MAT_{1..5}"),
            Domain("read", "Reading", "LAN_{1..5}"),
        ),
        strata="STRATA",
        covariates={"gender": "SEX", "status": "ISECF"},
        others=(r"WS|WI", r"(MAT|LAN|CIE)_?L?\d", r"COUNTRY|Q[ADFP]\d"),
        files=(rf"erce_?{cycle}_q?a?\d?.*",),
        sources=(
            "UNESCO, LLECE: package erce and its training material",
            "World Bank, Global Learning Assessment Database, program LLECE-T 2019",
        ),
        unconfirmed=(
            "plausible values of science",
            "the score at which level III begins (files give the level of each plausible value)",
            "files of TERCE 2013 and SERCE 2006",
        ),
    )


PASEC = tuple(_pasec(cycle, grade) for cycle in ("2014", "2019") for grade in (2, 6))
"""PASEC by cycle and grade."""

ERCE = (_erce("2019"),)
"""The cycles of ERCE."""
