"""Files that cannot be read, or not as they are declared: whole files, encodings, shapes.

Each case: what is done to the sound survey, and what the message must hold: the place, and what is
wrong.
"""

from __future__ import annotations

from tests.unit.commands.bad_survey import HEADER, ROWS, WAVE

LONG = 1 << 23  # rows of a file that is small when it is packed

FILES = {
    "file is not there": (lambda s: s.remove(), ["a.csv: the file does not exist"]),
    "a folder in its place": (
        lambda s: (s.remove().folder / "a.csv").mkdir(),
        ["a.csv: this is a folder, a device or a pipe"],
    ),
    "empty file": (lambda s: s.write(""), ["a.csv: the file is empty"]),
    "blank file": (lambda s: s.write("\n \n\n"), ["a.csv: the file is empty"]),
    "header alone": (lambda s: s.write(HEADER), ["a.csv: there is a header but no data row"]),
    "unknown kind of file": (lambda s: s.write(WAVE, "a.doc"), ["a.doc': files of this kind"]),
    "no line break at the end": (lambda s: s.write(WAVE[:-1]), ["a.csv: the last line has no"]),
    "damaged gzip": (lambda s: s.write(WAVE, "a.csv.gz"), ["a.csv.gz: the compressed file is"]),
    "cut gzip": (lambda s: s.packed(WAVE.encode(), cut=9), ["a.csv.gz: the compressed file is"]),
    "gzip bomb": (
        lambda s: s.packed((HEADER + "1,1,1,1,1,1,1\n" * LONG).encode()),
        ["a.csv.gz: the compressed file expands"],
    ),
    "Excel that is no zip": (lambda s: s.write(WAVE, "a.xlsx"), ["a.xlsx: the file is damaged"]),
    "Excel that is any zip": (lambda s: s.zip(10), ["a.xlsx: the file is damaged or cut"]),
    "Excel bomb": (lambda s: s.zip(1 << 27), ["a.xlsx: the compressed file expands"]),
    "Excel with two sheets": (
        lambda s: s.excel(s.rows(), s.rows()),
        ["a.xlsx: the file has 2 sheets (Sheet1, Sheet2); declare 'sheet'"],
    ),
    "Excel without the sheet": (
        lambda s: s.excel(s.rows()).configure(("name: a,", "name: a, sheet: Data,")),
        ["a.xlsx: there is no sheet 'Data'"],
    ),
    "Excel with an error cell": (
        lambda s: s.excel(s.rows(), error=True),
        ["column 'score': 1 cell holds an error of Excel", "(C2)"],
    ),
    "empty Excel sheet": (lambda s: s.excel([]), ["a.xlsx: the sheet is empty"]),
    "cut SPSS file": (lambda s: s.typed("sav", keep=0.9), ["a.sav: the file is damaged or cut"]),
    "spoiled SPSS file": (lambda s: s.typed("sav", spoil=True), ["a.sav: the file is damaged"]),
    "cut Stata file": (lambda s: s.typed("dta", keep=0.5), ["a.dta: the file is damaged or cut"]),
    "cut Parquet file": (lambda s: s.typed("parquet", keep=0.8), ["a.parquet: the file is dam"]),
    "Parquet with lists": (
        lambda s: s.nested(),
        ["a.parquet: the column 'score' has cells of type list"],
    ),
    "no SAS file": (lambda s: s.write(WAVE, "a.sas7bdat"), ["a.sas7bdat: the file is damaged"]),
    "no SAS transport file": (lambda s: s.write(WAVE, "a.xpt"), ["a.xpt: the file is damaged"]),
    "no SPSS portable file": (lambda s: s.write(WAVE, "a.por"), ["a.por: the file is damaged"]),
    "another hash": (
        lambda s: s.configure(("files: [a.csv]", f"files: [a.csv], sha256: {{a.csv: {'0' * 64}}}")),
        ["a.csv: its SHA-256 is", "000000000000... is announced"],
    ),
    "fewer rows than announced": (
        lambda s: s.configure(("files: [a.csv]", "files: [a.csv], rows: 7")),
        ["7 rows are announced ('rows'), 6 were read"],
    ),
    "more rows of a file than announced": (
        lambda s: s.configure(("files: [a.csv]", "files: [a.csv], rows: {a.csv: 5}")),
        ["a.csv: 5 rows are announced ('rows'), 6 were read"],
    ),
    "the same file twice in a wave": (
        lambda s: s.write(WAVE, "a2.csv").configure(("[a2.csv]", "[a.csv, a2.csv]")),
        ["a2.csv: the file is a copy of a.csv"],
    ),
}

ENCODINGS = {
    "bytes that are no UTF-8": (
        lambda s: s.write(WAVE.encode().replace(b"canary2", b"canary\xe9")),
        ["a.csv, line 3: byte 0xE9 is not utf-8"],
    ),
    "UTF-16": (lambda s: s.write(WAVE.encode("utf-16")), ["a.csv: the file is UTF-16"]),
    "not the declared UTF-16": (
        lambda s: s.configure(("name: a,", "name: a, encoding: utf-16,")),
        ["a.csv, line 1: the text does not begin as utf-16 does"],
    ),
    "not the declared code page": (
        lambda s: s.write(WAVE.encode().replace(b"canary5", b"canary\x81")).configure(
            ("name: a,", "name: a, encoding: windows-1252,")
        ),
        ["a.csv, line 6: byte 0x81 is not windows-1252"],
    ),
    "an encoding that is not known": (
        lambda s: s.configure(("name: a,", "name: a, encoding: latin,")),
        ["bad.yaml, line 11, waves[0].encoding: 'latin': expected 'utf-8'"],
    ),
    "NUL bytes": (lambda s: s.change("canary3", "canary\0"), ["a.csv, line 4: the file holds NUL"]),
}

SHAPES = {
    "too few cells": (lambda s: s.change(",0.511", ""), ["a.csv, line 2: 1 line without the 7"]),
    "too many cells": (lambda s: s.change("canary2", "canary,2"), ["a.csv, line 3: 1 line with"]),
    "a last line that is cut": (
        lambda s: s.write(WAVE[:-12]),
        ["a.csv, line 7: the last line has too few or too many cells and no line break"],
    ),
    "an open quotation mark": (
        lambda s: s.change("canary4", '"canary4'),
        ["a.csv, line 5: a quoted cell opens in or before this line"],
    ),
    "another delimiter": (
        lambda s: s.write(WAVE.replace(",", ";")),
        ["a.csv, line 1: one column only, but the line holds the semicolon"],
    ),
    "a column name twice": (
        lambda s: s.change("ses", "score"),
        ["a.csv, line 1: column names occur more than once: score"],
    ),
    "no header": (lambda s: s.write(ROWS), ["a.csv, line 1: 4 column names out of 7 is a number"]),
    "no header, cells of text": (
        lambda s: s.write("A,canary1,B,C,D,E,F\nA,canary2,B,C,D,E,F\n"),
        ["a.csv: 7 of 7 columns are not there", "'school'"],
    ),
    "an empty first line": (
        lambda s: s.write("\n" + WAVE),
        ["a.csv, line 1: the first line is em"],
    ),
    "a column renamed": (
        lambda s: s.change("score", "scores"),
        ["a.csv: the column 'score' (score) is not there", "did you mean 'scores'?"],
    ),
    "an id column renamed": (
        lambda s: s.change("pupil", "person"),
        ["a.csv: the column 'pupil' (pupil) is not there"],
    ),
    "two columns for a variable": (
        lambda s: s.configure(("label: Home,", "label: Home, aliases: [weight],")),
        ["a.csv: ses has 2 columns (ses, weight)"],
    ),
}
