"""TALIS: teachers in schools; it measures no scores.

Sources
-------
Weights, 100 replicates and Fay's factor 0.5: Rrepest (OECD), EdSurvey (``readTALIS``); codes of
cycles in file names: RALSA.
"""

from __future__ import annotations

from mlm.configuration.programmes.programme import Programme, Replication

_MARKS = {"2008": "t1", "2013": "t2", "2018": "t3"}


def _talis(cycle: str) -> Programme:
    return Programme(
        name="TALIS",
        cycle=cycle,
        ids={"country": "IDCNTRY", "school": "IDSCHOOL", "teacher": "IDTEACH"},
        weights={"teacher": "TCHWGT", "school": "SCHWGT"},
        elsewhere=frozenset({"SCHWGT"}),
        replications=(Replication("fay", "TRWGT{1..100}", factor=0.5),),
        others=(r"SRWGT\d+|SENWGT\w*", r"ID(POP|CNTPOP|STRAT[EI]|GRADER?)|CNTRY|VERSION|DPCDATE"),
        files=(rf"[abcp]tg\w{{3}}{_MARKS[cycle]}.*",),
        sources=("OECD, TALIS technical reports", "Rrepest (OECD); EdSurvey, RALSA (R packages)"),
        unconfirmed=("usual covariates: questions are numbered anew in each cycle",),
    )


TALIS = tuple(map(_talis, _MARKS))
"""The cycles of TALIS."""
