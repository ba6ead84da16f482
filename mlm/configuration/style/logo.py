"""Logos: picture files that are embedded in what is published, and what may be wrong with them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from mlm.errors import quoted

KINDS = {".png": "PNG", ".svg": "SVG", ".jpg": "JPEG", ".jpeg": "JPEG"}
MIME = {"PNG": "image/png", "SVG": "image/svg+xml", "JPEG": "image/jpeg"}
LARGEST_LOGO = 512_000
"""Bytes of the largest logo, which every page holds whole."""
SMALLEST_SIDE, LONGEST_SIDE = 32, 4000
"""Pixels of a side of a PNG or JPEG: fewer look coarse in print, more only weigh."""
MOST_LENGTHS = 12.0
"""How many times as long as high a logo may be, or as high as long."""

_SIZES_OF_JPEG = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ALONE_IN_JPEG = frozenset({0x01, *range(0xD0, 0xD9)})
_NUMBER = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(px|pt|mm|cm|in|pc)?\s*$")
_REACHES_OUT = re.compile(r"url\(\s*['\"]?(?!#|data:)|@import", re.IGNORECASE)


@dataclass(frozen=True)
class Logo:
    """A picture file as read.

    Attributes
    ----------
    content : bytes
    kind : str
        PNG, SVG or JPEG; empty where it is none of them.
    width, height : float
        Pixels; of an SVG in its own unit. 0 where they are not known.
    problems : tuple of str
        What is wrong with it.
    """

    content: bytes = b""
    kind: str = ""
    width: float = 0.0
    height: float = 0.0
    problems: tuple[str, ...] = ()


def read_logo(path: Path, name: str) -> Logo:
    """The logo in a file.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The file as the configuration names it, for messages.
    """
    expected = KINDS.get(Path(name).suffix.lower())
    if expected is None:
        return _faulty(name, f"a logo is a {', '.join(KINDS)} file; save it as one of them")
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST_LOGO else b""
    except FileNotFoundError:
        return _faulty(name, f"the file is not there; it is looked for at {path}")
    except OSError as error:
        return _faulty(name, f"the file cannot be read: {error}")
    if size > LARGEST_LOGO:
        return _faulty(
            name,
            f"{size:,} bytes, and every page would hold them; {LARGEST_LOGO:,} at most are "
            "expected: make the picture smaller",
        )
    return _read(content, expected, name)


def _faulty(name: str, *problems: str) -> Logo:
    return Logo(problems=tuple(f"{quoted(name)}: {problem}" for problem in problems))


def _read(content: bytes, expected: str, name: str) -> Logo:
    kind = _kind(content)
    if kind != expected:
        found = f"it is a {kind}" if kind else "it is none"
        return _faulty(
            name, f"the name says {expected}, but by its content {found}; expected PNG, SVG or JPEG"
        )
    if kind == "SVG":
        return _read_svg(content, name)
    width, height = _png_size(content) if kind == "PNG" else _jpeg_size(content)
    if not width or not height:
        return _faulty(name, f"the {kind} is cut or damaged: its size cannot be read")
    problems = [*_pixels(width, height), *_shape(width, height)]
    return Logo(content, kind, width, height, _faulty(name, *problems).problems)


def _kind(content: bytes) -> str:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "SVG" if b"<svg" in content[:4000] else ""


def _pixels(width: float, height: float) -> Iterator[str]:
    if min(width, height) < SMALLEST_SIDE or max(width, height) > LONGEST_SIDE:
        yield (
            f"{width:g} by {height:g} pixels; {SMALLEST_SIDE} to {LONGEST_SIDE} a side are expected"
        )


def _shape(width: float, height: float) -> Iterator[str]:
    if max(width / height, height / width) > MOST_LENGTHS:
        yield (
            f"{width:g} by {height:g}: one side is more than {MOST_LENGTHS:g} times the other; "
            "give a part of it that is less long"
        )


def _png_size(content: bytes) -> tuple[int, int]:
    whole = content[12:16] == b"IHDR" and b"IEND" in content[-16:]
    return struct.unpack(">II", content[16:24]) if whole else (0, 0)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height of a JPEG, from the first of its parts that tells them."""
    place = 2
    while place + 9 < len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _SIZES_OF_JPEG:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        alone = marker in _ALONE_IN_JPEG or marker == 0xFF
        place += (
            (1 if marker == 0xFF else 2)
            if alone
            else 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        )
    return 0, 0


def _read_svg(content: bytes, name: str) -> Logo:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _faulty(name, "the SVG is not in UTF-8; save it so")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return _faulty(name, "the SVG has a DOCTYPE or entities; save it without them (plain SVG)")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        return _faulty(name, f"the SVG is not well-formed: {error}")
    width, height = _svg_size(root)
    if not width or not height:
        return _faulty(name, "the SVG says no size; expected a viewBox, or width and height")
    problems = [*_foreign(root), *_shape(width, height)]
    return Logo(content, "SVG", width, height, _faulty(name, *problems).problems)


def _svg_size(root: ElementTree.Element) -> tuple[float, float]:
    """Width and height: of the viewBox where there is one, else as said; 0 where not said."""
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    try:
        if len(box) == 4:
            return max(float(box[2]), 0.0), max(float(box[3]), 0.0)
    except ValueError:
        return 0.0, 0.0
    found = [_NUMBER.match(root.get(side, "")) for side in ("width", "height")]
    width, height = (float(each[1]) if each else 0.0 for each in found)
    return width, height


def _foreign(root: ElementTree.Element) -> Iterator[str]:
    """Parts that a picture embedded in a page or PDF cannot have."""
    names, texts, reaches = set(), False, False
    for part in root.iter():
        name = str(part.tag).rpartition("}")[2]
        names |= {name} & {"script", "foreignObject"}
        texts |= name in ("text", "tspan")
        links = [value for key, value in part.attrib.items() if key.rpartition("}")[2] == "href"]
        reaches |= any(not link.startswith(("#", "data:")) for link in links)
        said = [*part.attrib.values(), part.text or ""] if name == "style" else part.attrib.values()
        reaches |= any(_REACHES_OUT.search(value) for value in said)
        names |= {"on..." for key in part.attrib if key.lower().startswith("on")}
    if names:
        yield f"the SVG has {', '.join(sorted(names))}; a logo is a picture alone: remove it"
    if texts:
        yield (
            "the SVG has text, which no font may be at hand for; convert text to paths in the "
            "drawing program"
        )
    if reaches:
        yield "the SVG fetches something from outside; embed it in the file, or remove it"
