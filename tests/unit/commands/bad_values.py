"""Ids, values and waves that are not what the configuration says.

Each case: what is done to the sound survey, and what the message must hold: the place, and what is
wrong.
"""

from __future__ import annotations

import re

from tests.unit.commands.bad_survey import LATER, WAVE

SCORE_AGAIN = "{label: S, type: number, level: row, column: score}"

IDS = {
    "a pupil twice": (
        lambda s: s.change("canary2", "canary1"),
        ["1 row for a pupil that the wave already has (a.csv line 3)"],
    ),
    "no id in any row": (
        lambda s: s.write(re.sub("canary.", "", WAVE)),
        ["no row has an id at every level"],
    ),
    "ids that were rounded": (
        lambda s: s.change("canary3", "1.2E+10"),
        ["pupil: 1 id are rounded numbers", "(a.csv line 4)", "export the column as text"],
    ),
    "ids that became dates": (
        lambda s: s.change("canary3", "1-Jan"),
        ["pupil: 1 id are dates such as 1-Jan (a.csv line 4)"],
    ),
    "ids that cannot be shown": (
        lambda s: s.change("canary3", "ca\x1b[31mnary3"),
        ["pupil: 1 id hold characters that cannot be shown (a.csv line 4)", "'encoding'"],
    ),
    "a pupil in two schools": (
        lambda s: s.configure(("id: pupil}", "id: pupil, ids: global}")).change(
            "canary6", "canary1"
        ),
        ["1 row of 1 pupil in a second school (a.csv line 7)", "'twice'"],
    ),
    "a fact that differs within a school": (
        lambda s: s.change("b,x", "b,y"),
        ["kind: differs within 1 school although its level is school (a.csv line 3)"],
    ),
}

VALUES = {
    "text in a number": (
        lambda s: s.change("0.733", "secret"),
        ["ses: 1 cell not a number (a.csv line 4)"],
    ),
    "NA in a number": (lambda s: s.change("0.733", "NA"), ["ses: 1 cell", "declare what that"]),
    "a decimal comma": (
        lambda s: s.change("0.733", '"0,733"'),
        ["ses: 1 cell not a number (a.csv line 4)", "with another decimal mark than other cells"],
    ),
    "a decimal point beside the declared comma": (
        lambda s: s.configure(("name: a,", 'name: a, decimal: ",",')),
        ["ses: 6 cells not a number", "but the wave declares a decimal comma"],
    ),
    "a number out of range": (
        lambda s: s.change(",73,", ",730,"),
        ["score: 1 cell outside the range 0 to 100 (a.csv line 4)"],
    ),
    "infinity": (lambda s: s.change("0.733", "inf"), ["ses: 1 cell not a number (a.csv line 4)"]),
    "a number beyond all": (lambda s: s.change("0.733", "1e999"), ["ses: 1 cell not a number"]),
    "a date in a number": (
        lambda s: s.change("0.733", "2020-01-31"),
        ["ses: 1 cell not a number (a.csv line 4)", "all of them are dates"],
    ),
    "an unknown category": (
        lambda s: s.change(",g,", ",secret,"),
        ["sex: 1 cell with a code that is not in the codebook (a.csv line 2)", "expected g, b"],
    ),
    "an outcome with one value": (
        lambda s: s.write(re.sub(r"(canary\d),\d+,", r"\1,50,", WAVE)),
        ["score: the outcome has the same value in every row"],
    ),
    "an outcome without values": (
        lambda s: s.write(re.sub(r"(canary\d),\d+,", r"\1,,", WAVE)),
        ["score: the outcome is missing in every row"],
    ),
    "a negative weight": (
        lambda s: s.change("x,0.5", "x,-0.5").configure(
            ("analyses:", "sampling: {weights: {row: weight}, school_weight: mean}\nanalyses:")
        ),
        ["weight: 1 weight below zero (a.csv line 4)"],
    ),
    "no weight above zero": (
        lambda s: s.write(re.sub(r"[\d.]+\n", "0\n", WAVE)).configure(
            ("analyses:", "sampling: {weights: {row: weight}, school_weight: mean}\nanalyses:")
        ),
        ["weight: no weight is above zero"],
    ),
    "copies as plausible values": (
        lambda s: s.configure(
            ("  weight:", f"  score2: {SCORE_AGAIN}\n  score3: {SCORE_AGAIN}\n  weight:"),
            ("  weight:", "  score_pv: {label: S, type: number, level: row}\n  weight:"),
            ("analyses:", "plausible_values: {score_pv: [score2, score3]}\nanalyses:"),
        ),
        ["score_pv: 2 plausible values are the same in every row as others (score2, score3)"],
    ),
    "a computed value out of range": (
        lambda s: s.configure(
            (
                "analyses:",
                "  half: {label: H, type: number, level: row, derive: score / 2, "
                "range: [0, 30]}\nanalyses:",
            ),
        ),
        ["half: 4 computed values outside the range 0 to 30 (a.csv lines 3, 4, 6 and 1 more)"],
    ),
    "a constant that is to be standardised": (
        lambda s: s.write(re.sub(r"[\d.]+\n", "1\n", WAVE)).configure(
            ("label: Weight,", "label: Weight, standardise: within_wave,")
        ),
        ["weight: it has the same value in every row and cannot be standardised"],
    ),
}

WAVES = {
    "a copy as the next wave": (
        lambda s: (s.folder / "b.csv").write_text(WAVE),
        ["wave b: b.csv: the file is a copy of a.csv of wave a"],
    ),
    "pupils who do not recur": (
        lambda s: (s.folder / "b.csv").write_text(LATER.replace("canary", "canary9")),
        ["design: same_pupils says that each pupil is followed", "0 of 6 pupils of wave a"],
    ),
    "schools who do not recur": (
        lambda s: (
            (s.folder / "b.csv").write_text(LATER.replace("01,c", "03,c").replace("02,c", "04,c"))
            and s.configure(("same_pupils", "same_schools"), ("level: pupil", "level: row"))
        ),
        ["design: same_schools says that each school is followed", "0 of 2 schools of wave a"],
    ),
    "ids given to others": (
        lambda s: (s.folder / "b.csv").write_text(LATER.replace(",g,", ",b,")),
        ["sex changes between waves for 3 of 6 pupils", "the ids seem to be given to others"],
    ),
    "codes with other labels": (
        lambda s: s.labels({1: "girl", 2: "boy"}, {1: "boy", 2: "girl"}),
        ["sex: 2 codes (1, 2) with another label in wave b than in wave a", "'by_wave'"],
    ),
    "a move that is an error": (
        lambda s: s.configure(("id: pupil}", "id: pupil, ids: global, moves: error}")).change(
            "01,canary3,73,0.733,g,x", "02,canary3,73,0.733,g,y", "b.csv"
        ),
        ["1 of 6 pupils have another school in another wave ('moves: error')"],
    ),
    "a wave that is cut": (
        lambda s: (s.folder / "b.csv").write_text(LATER[:-3]),
        ["wave b: b.csv"],
    ),
}
