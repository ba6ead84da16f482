"""Font files that are embedded in pages and PDFs, and what may be wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import ascii_letters, digits

from mlm.errors import quoted

SUFFIXES = (".ttf", ".otf")
LARGEST_FONT = 10_000_000
"""Bytes of the largest font file."""

_STARTS = (b"\x00\x01\x00\x00", b"OTTO", b"true")
_OTHERS = {
    b"ttcf": "a collection of fonts; give one font of it, as a file of its own",
    b"wOFF": "a web font (WOFF); give the TTF or OTF file that it was made of",
    b"wOF2": "a web font (WOFF2); give the TTF or OTF file that it was made of",
}
_NEEDED = ("cmap", "head", "hhea", "hmtx", "maxp", "name", "OS/2")
_RESTRICTED, _NOT_CUT, _BITMAPS = 0x0002, 0x0100, 0x0200
_LETTERS = ascii_letters + digits + " .,;:()%-+="


def font_problems(path: Path, name: str) -> Iterator[str]:
    """What is wrong with a font file.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The file as the configuration names it, for messages.
    """
    for problem in _problems(path, name):
        yield f"{quoted(name)}: {problem}"


def _problems(path: Path, name: str) -> Iterator[str]:
    if Path(name).suffix.lower() not in SUFFIXES:
        yield f"a font is a {' or '.join(SUFFIXES)} file"
        return
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4)
    except FileNotFoundError:
        yield f"the file is not there; it is looked for at {path}"
        return
    except OSError as error:
        yield f"the file cannot be read: {error}"
        return
    if start in _OTHERS:
        yield f"the file is {_OTHERS[start]}"
    elif start not in _STARTS:
        yield "by its content the file is no font; expected TTF or OTF"
    elif size > LARGEST_FONT:
        yield f"{size:,} bytes; {LARGEST_FONT:,} at most are expected"
    else:
        yield from _faults(path)


def _faults(path: Path) -> Iterator[str]:
    """What a font lacks to be embedded: tables, letters, the permission of its maker."""
    from fontTools.ttLib import TTFont

    try:
        with TTFont(path, lazy=True) as font:
            lacking = [table for table in _NEEDED if table not in font]
            if not {"glyf", "CFF "} & set(font.keys()):
                lacking.append("glyf or CFF")
            if lacking:
                yield f"the font has no table {', '.join(lacking)}; give another file"
                return
            if "fvar" in font:
                yield "a variable font; give a static one (regular, bold)"
            yield from _forbidden(font["OS/2"].fsType)
            known = font.getBestCmap() or {}
            missing = [letter for letter in _LETTERS if ord(letter) not in known]
    except Exception as error:  # of many kinds, where tables are damaged
        yield f"the font is cut or damaged: {type(error).__name__}: {error}"
        return
    if missing:
        yield (
            f"the font has no letters for {' '.join(missing[:10])}"
            f"{' and more' if len(missing) > 10 else ''}; a font of texts is expected"
        )


def _forbidden(permission: int) -> Iterator[str]:
    """What the maker of the font does not allow (fsType of OS/2)."""
    if permission & 0x000F == _RESTRICTED:
        yield "its maker does not allow to embed the font (fsType 2); give another one"
    if permission & _NOT_CUT:
        yield "its maker does not allow to embed parts of the font (fsType 256); give another one"
    if permission & _BITMAPS:
        yield "its maker allows to embed bitmaps alone (fsType 512); give another one"
