"""Catalogues of texts: read from the source, kept in ``reports/text/``, one file a language.

``python -m mlm.pages.catalogues`` brings the files up to date after texts were changed; what is
still to be translated is listed.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from mlm.pages.language import TEXTS

SOURCE = Path(__file__).resolve().parent
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
TEMPLATE = "messages.pot"
LINE_WIDTH = 96


Text = str | tuple[str, str]
"""A text, or a text on a count: for one, and for many."""


@cache
def texts_in_source(source: Path = SOURCE) -> Mapping[Text, list[str]]:
    """Every text that the reports can print, with the modules it stands in."""
    from babel.messages.extract import extract_from_dir

    found: dict[Text, list[str]] = {}
    for name, __, text, *__ in extract_from_dir(source, [("**.py", "python")], keywords=KEYWORDS):
        found.setdefault(text, []).append(name)
    return {text: sorted(set(found[text])) for text in sorted(found, key=forms_of)}


def forms_of(text: Text) -> tuple[str, ...]:
    """The text itself, or its forms for one and for many."""
    return (text,) if isinstance(text, str) else text


def template() -> bytes:
    """The texts as a template for a new language."""
    return _written(_catalogue(None))


def updated(path: Path) -> bytes:
    """A language's catalogue with the texts of the source; obsolete ones are left out."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        known = read_po(file, locale=path.stem)
    catalogue = _catalogue(path.stem)
    for message in catalogue:
        old = known.get(message.id) if message.id else None
        if old is not None and isinstance(old.id, str) == isinstance(message.id, str):
            message.string = old.string
    return _written(catalogue)


def untranslated(path: Path) -> list[Text]:
    """Texts of the source that a language's catalogue does not have."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        known = {item.id: item.string for item in read_po(file, locale=path.stem)}
    return [text for text in texts_in_source() if not _is_whole(known.get(text))]


def _is_whole(translation: str | tuple[str, ...] | None) -> bool:
    """Whether a text is translated, in every form that it has."""
    if isinstance(translation, tuple):
        return all(translation)
    return bool(translation)


def _catalogue(code: str | None):
    from babel.messages.catalog import Catalog

    catalogue = Catalog(locale=code, project="mlm", header_comment="# Texts of the reports.")
    for text, names in texts_in_source().items():
        catalogue.add(text, locations=[(f"mlm/pages/{name}", None) for name in names])
    return catalogue


def _written(catalogue) -> bytes:
    from babel.messages.pofile import write_po

    stream = io.BytesIO()
    write_po(stream, catalogue, width=LINE_WIDTH, sort_output=True, omit_header=True)
    return HEADER.encode() + stream.getvalue()


HEADER = (
    "# Texts of the reports; brought up to date by python -m mlm.pages.catalogues\n"
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
)


def main() -> None:
    """Bring the template and every catalogue up to date; list what is to be translated."""
    (TEXTS / TEMPLATE).write_bytes(template())
    for path in sorted(TEXTS.glob("*.po")):
        path.write_bytes(updated(path))
        for text in untranslated(path):
            print(f"{path.name}: {text}")


if __name__ == "__main__":
    main()
