"""NAEP: pupils of the fourth, eighth and twelfth grade in the United States.

Sources
-------
EdSurvey (``readNAEP``, NAEP Primer): weights, 62 replicates of pairs, plausible values; NAEP
technical documentation (National Center for Education Statistics) for their variance. Twenty
plausible values since 2013, five before: EdSurvey.
"""

from __future__ import annotations

from mlm.configuration.programmes.programme import Domain, Programme, Replication

_SUBJECTS = (("math", "Mathematics", "MRPCM"), ("read", "Reading", "RRPCM"))


def _naep(cycle: str, draws: int) -> Programme:
    return Programme(
        name="NAEP",
        cycle=cycle,
        ids={"school": "SCRPSU"},
        weights={"pupil": "ORIGWT"},
        replications=(Replication("jk2", "SRWT{01..62}", halves="one", pairs=62),),
        domains=tuple(
            Domain(name, label, f"{stem}{{1..{draws}}}") for name, label, stem in _SUBJECTS
        ),
        covariates={
            "gender": "DSEX",
            "parents": "PARED",
            "group": "SDRACEM",
            "language": "LEP",
            "support": "IEP",
        },
        others=(
            r"REPGRP\d|JKUNIT|RPTSAMP|SMSRSWT|SCHWT",
            r"[A-Z]RP[A-Z]{2}\d+|MTHCM\d|[A-Z]{3}TH[A-Z]\d?",
        ),
        sources=(
            "National Center for Education Statistics, NAEP technical documentation",
            "EdSurvey, NAEPprimer (R packages)",
        ),
        unconfirmed=(
            "a column of school weights and of school ids in all files (SCRPSU is the primer's)",
            "achievement levels, which differ by subject, grade and year",
        ),
    )


NAEP = (
    *(_naep(str(year), 5) for year in (2003, 2005, 2007, 2009, 2011)),
    *(_naep(str(year), 20) for year in (2013, 2015, 2017, 2019, 2022, 2024)),
)
"""The years of NAEP whose files have the weights of this profile."""
