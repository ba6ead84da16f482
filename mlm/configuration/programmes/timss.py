"""TIMSS and PIRLS: classes in schools, fourth and eighth grade.

Sources
-------
Names of columns: programs TIMSS 2019 and PIRLS 2016 of the World Bank's Global Learning Assessment
Database; weights and their factors, plausible values, codes of cycles in file names: RALSA. The
jackknife of pairs: ILSAstats (``JK2-half`` before 2015, ``JK2-full`` since), EdSurvey. Benchmarks
(low 400): TIMSS & PIRLS International Study Center, as kept by intsvy.
"""

from __future__ import annotations

from mlm.configuration.programmes.programme import Domain, Programme, Replication

_SOURCES = (
    "TIMSS & PIRLS International Study Center, user guides of the international databases",
    "World Bank, Global Learning Assessment Database, programs TIMSS 2019 and PIRLS 2016",
    "RALSA, ILSAstats, intsvy, EdSurvey (R packages)",
)
_TIMSS_MARKS = {
    "1995": "m1",
    "1999": "m2",
    "2003": "m3",
    "2007": "m4",
    "2011": "m5",
    "2015": "m6",
    "2019": "m7",
    "2023": "m8",
}
_PIRLS_MARKS = {"2001": "r1", "2006": "r2", "2011": "r3", "2016": "r4", "2021": "r5"}
_IDS = {"country": "IDCNTRY", "school": "IDSCHOOL", "class": "IDCLASS", "pupil": "IDSTUD"}
_WEIGHTS = {"pupil": "TOTWGT", "school": "SCHWGT"}
_FACTORS = {"school": ("WGTFAC1", "WGTADJ1")}
_LOW = "Low international benchmark"
_BOTH_SINCE = "2015"
"""Cycle since which each pair has two replicates."""

_MANY_PAIRS_SINCE = "2021"
"""Cycle since which there are 125 pairs rather than 75."""

_OTHERS = (
    r"(HOU|SEN|MAT|SCI|TCH|STU|HOUSE)WGT|WGT(FAC|ADJ)\d|STOTWGTU?",
    r"[AB]S[MSRE][A-Z]{3}0[1-5]",
    r"ID(POP|GRADER?|STRAT[EI]|BOOK|BID|PUNCH|LINK\w*|TEACH|TEALIN|SUBJ)|IT(LANG|ADMIN|DATE|DEV)\w*",
    r"ILRELIAB|LCID_\w+|IN_\w+|DPCDATE|VERSION|SCOPE|CTY|INTMS\d+",
)


def _replication(cycle: str) -> Replication:
    halves = "both" if cycle >= _BOTH_SINCE else "one"
    pairs = 125 if cycle >= _MANY_PAIRS_SINCE else 75
    return Replication("jk2", zone="JKZONE", unit="JKREP", halves=halves, pairs=pairs)


def _timss(cycle: str, grade: int) -> Programme:
    letter = {4: "A", 8: "B"}[grade]
    resources = "ASBGHRL" if grade == 4 else "BSBGHER"
    return Programme(
        name="TIMSS",
        cycle=cycle,
        grade=grade,
        ids=_IDS,
        weights=_WEIGHTS,
        factors=_FACTORS,
        elsewhere=frozenset({"SCHWGT"}),
        replications=(_replication(cycle),),
        domains=(
            Domain("math", "Mathematics", f"{letter}SMMAT{{01..05}}", 400.0, _LOW),
            Domain("science", "Science", f"{letter}SSSCI{{01..05}}", 400.0, _LOW),
        ),
        covariates={"gender": "ITSEX", "resources": resources, "age": f"{letter}SDAGE"},
        others=_OTHERS,
        files=(rf"{letter.lower()}s[agh]\w{{3}}{_TIMSS_MARKS[cycle]}.*",),
        sources=_SOURCES,
    )


def _pirls(cycle: str) -> Programme:
    return Programme(
        name="PIRLS",
        cycle=cycle,
        ids=_IDS,
        weights=_WEIGHTS,
        factors=_FACTORS,
        elsewhere=frozenset({"SCHWGT"}),
        replications=(_replication(cycle),),
        domains=(Domain("read", "Reading", "ASRREA{01..05}", 400.0, _LOW),),
        covariates={"gender": "ITSEX", "resources": "ASBGHRL", "age": "ASDAGE"},
        others=_OTHERS,
        files=(rf"as[agh]\w{{3}}{_PIRLS_MARKS[cycle]}.*",),
        sources=_SOURCES,
    )


TIMSS = tuple(
    _timss(cycle, grade)
    for cycle in _TIMSS_MARKS
    for grade in (4, 8)
    if (cycle, grade) != ("1999", 4)
)
"""TIMSS by cycle and grade; in 1999 the eighth alone was tested."""

PIRLS = tuple(_pirls(cycle) for cycle in _PIRLS_MARKS)
"""The cycles of PIRLS."""
