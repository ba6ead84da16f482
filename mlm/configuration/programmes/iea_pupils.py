"""ICCS and ICILS: pupils of the eighth grade in schools, on citizenship and on computers.

Sources
-------
ICCS 2009 and 2016: names of columns as listed by the package r4sda of the student files; ICILS:
public programs for 2013, 2018 and 2023 that read the student and school files. The jackknife of 75
pairs, one replicate each: ILSAstats, Rrepest, EdSurvey (``readICCS``).
"""

from __future__ import annotations

from mlm.configuration.programmes.programme import Domain, Programme, Replication

_SOURCES = (
    "IEA, user guides of the international databases of ICCS and ICILS",
    "r4sda, ILSAstats, Rrepest, EdSurvey (R packages)",
)
_ICCS_MARKS = {"2009": "c2", "2016": "c3", "2022": "c4"}
_ICILS_MARKS = {"2013": "i1", "2018": "i2", "2023": "i3"}
_IDS = {"country": "IDCNTRY", "school": "IDSCHOOL", "class": "IDCLASS", "pupil": "IDSTUD"}
_WEIGHTS = {"pupil": "TOTWGTS", "school": "TOTWGTC"}
_FACTORS = {"school": ("WGTFAC1", "WGTADJ1S")}
_READ = Replication("jk2", "SRWGT{1..75}", halves="one", pairs=75)
_MADE = Replication("jk2", zone="JKZONES", unit="JKREPS", halves="one", pairs=75)
_OTHERS = (
    r"SENWGTS?|WGTFAC\d\w?|WGTADJ\d\w?",
    r"ID(POP|GRADER?|STRAT[EI]|BOOK)|INICS\d+|JKZONES|JKREPS",
    r"IT(LANG|ADMIN|DATE|PART|EXCL|RM)\w*|ILRELIAB|DPCDATE|VERSION|SCOPE|SPART|SSYSTEM",
)
_LEVELS = "a minimum: the programme publishes levels and names none of them so"


def _iccs(cycle: str) -> Programme:
    mark = "S" if cycle == "2009" else "S_"
    lacking = ("usual covariates of the cycle",) if cycle == "2022" else ()
    return Programme(
        name="ICCS",
        cycle=cycle,
        ids=_IDS,
        weights=_WEIGHTS,
        factors=_FACTORS,
        elsewhere=frozenset({"TOTWGTC"}),
        replications=(_MADE, _READ) if cycle == "2009" else (_READ, _MADE),
        domains=(Domain("civic", "Civic knowledge", "PV{1..5}CIV"),),
        covariates={
            "gender": f"{mark}GENDER",
            "status": "NISB" if cycle == "2009" else "S_NISB",
            "immigrant": "IMMIG" if cycle == "2009" else "S_IMMIG",
        },
        others=(*_OTHERS, r"NWLCIV"),
        files=(rf"is[agelr]\w{{3}}{_ICCS_MARKS[cycle]}.*",),
        sources=_SOURCES,
        unconfirmed=(_LEVELS, *lacking),
    )


def _icils(cycle: str) -> Programme:
    thinking = (Domain("thinking", "Computational thinking", "PV{1..5}CT"),)
    return Programme(
        name="ICILS",
        cycle=cycle,
        ids={kind: column for kind, column in _IDS.items() if kind != "class"},
        weights=_WEIGHTS,
        factors=_FACTORS,
        elsewhere=frozenset({"TOTWGTC"}),
        replications=(_READ, _MADE),
        domains=(
            Domain("literacy", "Computer and information literacy", "PV{1..5}CIL"),
            *(thinking if cycle >= "2018" else ()),
        ),
        covariates={"gender": "S_SEX", "status": "S_NISB", "immigrant": "S_IMMIG"},
        others=_OTHERS,
        files=(rf"bsg\w{{3}}{_ICILS_MARKS[cycle]}.*",),
        sources=_SOURCES,
        unconfirmed=(_LEVELS,),
    )


ICCS = tuple(map(_iccs, _ICCS_MARKS))
"""The cycles of ICCS."""

ICILS = tuple(map(_icils, _ICILS_MARKS))
"""The cycles of ICILS."""
