"""PISA: pupils of 15 years in schools, since 2000.

Sources
-------
Names of columns and numbers of plausible values: harmonisation programs of the World Bank's Global
Learning Assessment Database (PISA 2000 to 2018); Rrepest (OECD) for weights and Fay's factor 0.5;
school weights of each cycle: RALSA; the schools of PISA 2000: OECD, SPSS control file of the school
questionnaire. Cuts: PISA technical reports, as kept by EdSurvey (``readPISA``): Level 2 begins at
420.07 in mathematics (scale of 2003), 407.47 in reading (scale of 2000), 409.54 in science (scale
of 2006); no minimum is kept for cycles before the scale.
"""

from __future__ import annotations

from mlm.configuration.programmes.programme import Domain, Programme, Replication

_SOURCES = (
    "OECD, PISA data analysis manual and technical reports (80 replicates, Fay, factor 0.5)",
    "World Bank, Global Learning Assessment Database, programs PISA 2000 to 2018",
    "Rrepest (OECD); RALSA, EdSurvey (R packages)",
)
_SCALES = {"math": "2003", "read": "2000", "science": "2006"}
"""First cycle on the scale on which the levels of a domain are defined."""

_LEVEL_2 = {"math": 420.07, "read": 407.47, "science": 409.54}
_DOMAINS = (
    ("math", "Mathematics", "MATH"),
    ("read", "Reading", "READ"),
    ("science", "Science", "SCIE"),
)

_SCHOOL_WEIGHTS = {"2000": "WNRSCHBW", "2003": "SCWEIGHT"}
_GENDER = {"2000": "ST03Q01", "2003": "ST03Q01"}
_GRADE = {"2000": "ST02Q01"}
_MARKS = {
    "2000": (r"intstud_(read|math|scie).*",),
    "2003": (r"int_stui?_?2003.*",),
    "2006": (r"int_stu06.*",),
    "2009": (r"int_st[qu]09.*",),
    "2012": (r"int_stu12.*",),
    "2015": (r"cy0?6.*",),
    "2018": (r"cy0?7.*",),
    "2022": (r"cy0?8.*",),
}
_OTHERS = (
    r"PV\d+\w+",
    r"W_FSTUWT_\w+",
    r"SENWGT\w*|SENWT\w*",
    r"W_FSENWT|CNTFAC\d*|WVARSTRR|RANDUNIT|UNIT|VARSTRR",
    r"OECD|ADJENTR\w*|VER_\w+|CYC|NatCen|NC|SUBNATIO|REGION|BOOKID|ADMINMODE|LANGTEST\w*|OPTION\w*",
)


def _domains(cycle: str, draws: int) -> tuple[Domain, ...]:
    return tuple(
        Domain(name, label, f"PV{{1..{draws}}}{mark}", _LEVEL_2[name], "Level 2")
        if cycle >= _SCALES[name]
        else Domain(name, label, f"PV{{1..{draws}}}{mark}")
        for name, label, mark in _DOMAINS
    )


def _early(cycle: str) -> Programme:
    """A cycle on paper, 2000 to 2012: five plausible values."""
    school = _SCHOOL_WEIGHTS.get(cycle, "W_FSCHWT")
    later = [label.lower() for name, label, _ in _DOMAINS if cycle < _SCALES[name]]
    unconfirmed = [f"a minimum in {label}: its scale is a later one" for label in later]
    if cycle == "2000":
        unconfirmed.append("one file of all domains: each has a file with weights of its own")
    return Programme(
        name="PISA",
        cycle=cycle,
        ids={"country": "CNT", "school": "SCHOOLID", "pupil": "STIDSTD"},
        weights={"pupil": "W_FSTUWT", "school": school},
        elsewhere=frozenset({school}),
        replications=(Replication("fay", "W_FSTR{1..80}", factor=0.5),),
        domains=_domains(cycle, 5),
        covariates={
            "gender": _GENDER.get(cycle, "ST04Q01"),
            "status": "HISEI" if cycle == "2000" else "ESCS",
            "immigrant": "IMMIG",
            "grade": _GRADE.get(cycle, "ST01Q01"),
        },
        others=_OTHERS,
        files=_MARKS[cycle],
        sources=_SOURCES,
        unconfirmed=tuple(unconfirmed),
    )


def _late(cycle: str) -> Programme:
    """A cycle on computers, since 2015: ten plausible values."""
    return Programme(
        name="PISA",
        cycle=cycle,
        ids={"country": "CNT", "school": "CNTSCHID", "pupil": "CNTSTUID"},
        weights={"pupil": "W_FSTUWT", "school": "W_SCHGRNRABWT"},
        elsewhere=frozenset({"W_SCHGRNRABWT"}),
        replications=(Replication("fay", "W_FSTURWT{1..80}", factor=0.5),),
        domains=_domains(cycle, 10),
        covariates={
            "gender": "ST004D01T",
            "status": "ESCS",
            "immigrant": "IMMIG",
            "grade": "ST001D01T",
        },
        others=(*_OTHERS, r"CNTRYID|W_FSTUWT_SCH_SUM"),
        files=_MARKS[cycle],
        sources=_SOURCES,
    )


PISA = (
    *(_early(cycle) for cycle in ("2000", "2003", "2006", "2009", "2012")),
    *(_late(cycle) for cycle in ("2015", "2018", "2022")),
)
"""The cycles of PISA."""
