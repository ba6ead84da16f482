"""YAML text as plain values with the line of every key, before any meaning is given to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mlm.configuration.slips import slip_words
from mlm.errors import quoted, shortened
from mlm.nouns.characters import made_visible, nfc, unprintable

LARGEST_FILE = 1 << 22
"""Largest configuration file."""

DEEPEST_NESTING = 20
"""Deepest nesting; no key of a configuration stands deeper than eight."""

KEPT_TEXTS = 16
"""Texts that are kept in parts."""

MAX_KEY, MAX_TEXT = 500, 10_000
"""Characters of the longest key and the longest text."""

KeyPath = tuple[str | int, ...]
FILES = frozenset({"files", "rows", "sha256", "logo", "font"})
"""Keys below which names of files stand, which are taken letter by letter."""

_CORE = "tag:yaml.org,2002:"
_PLAIN_TAGS = {
    _CORE + name
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "map", "seq")
}


@dataclass
class Document:
    """Values of a YAML file, all scalars as the text that was written, and their places.

    Attributes
    ----------
    path : Path
        The file.
    data : object
        Mappings as dict, sequences as list, scalars as str or None. That ``NO``, ``010`` and
        ``1.10`` stay what was written is the point: the models decide what a text means. Texts are
        in Unicode's form NFC, names of files apart.
    lines : dict
        Line (from 1) of every key path.
    problems : list of (int, str)
        What is wrong: line and message.
    places : set of KeyPath
        Key paths at which something is wrong; () of the file itself.
    """

    path: Path
    data: object = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    places: set[KeyPath] = field(default_factory=set)

    @property
    def parts(self) -> set[str]:
        """Keys at the top under which something is wrong; "" of the file itself."""
        return {str(path[0]) if path else "" for path in self.places}

    @property
    def messages(self) -> list[str]:
        """Messages of the problems in the order of the file."""
        return [message for _, message in sorted(self.problems, key=lambda item: item[0])]

    def add_problem(self, path: KeyPath, message: str) -> None:
        """Note a problem at a key path, or at the nearest place above it that the file has."""
        near = path
        while near and near not in self.lines:
            near = near[:-1]
        self.add_problem_at(self.lines.get(near, 1), message, path)

    def add_problem_at(self, line: int, message: str, path: KeyPath = ()) -> None:
        """Note a problem in a line of the file."""
        key = f", {shortened(format_path(path), MAX_KEY)}" if path else ""
        self.problems.append((line, f"{self.path}, line {line}{key}: {message}"))
        self.places.add(path)


def format_path(path: KeyPath) -> str:
    """Key path as a reader writes it: ``analyses.math.terms[2]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def read_document(path: Path) -> Document:
    """Document of a YAML 1.2 file; what is wrong with it is in ``problems``."""
    document = Document(path)
    try:
        text = _text(path)
        if unprintable(text):
            return _unreadable(text, document)
        root = composed(text)
    except FileNotFoundError:
        folder = path.absolute().parent
        document.problems.append(
            (0, f"{path}: the file does not exist in {folder}; check the path")
        )
    except OSError as error:
        document.problems.append((0, f"{path}: the file cannot be read ({error.strerror})"))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        document.add_problem_at(line, "not UTF-8 text; save the file as UTF-8")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        document.add_problem_at(line, f"not valid YAML: {slip_words(error)}")
    except YAMLError as error:
        reason = shortened(made_visible(" ".join(str(error).split())), MAX_KEY)
        document.add_problem_at(1, f"not valid YAML: {reason}")
    else:
        if root is None:
            document.add_problem_at(1, "the file is empty; a configuration is expected")
        else:
            document.data = _value(root, (), document, set())
    return document


@lru_cache(maxsize=KEPT_TEXTS)
def composed(text: str) -> Node | None:
    """What a YAML text consists of, which is not to be changed; None of nothing.

    Some texts are kept: to read one takes longer than all that becomes of it, a run reads the
    configurations in its folder twice, and the process from which its jobs are forked once for all.

    Parameters
    ----------
    text : str
        The text of a file.
    """
    return _reader().compose(text)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise YAMLError(
            f"longer than {LARGEST_FILE:,} bytes; a configuration is expected, not data"
        )
    return content.decode("utf-8")


def _unreadable(text: str, document: Document) -> Document:
    """Document of a text that holds, unescaped, what nothing can show."""
    for number, line in enumerate(text.split("\n"), start=1):
        if found := unprintable(line):
            document.add_problem_at(number, f"the text holds {found}; remove it")
    return document


class _BoundedComposer(Composer):
    """Nodes from a text, no deeper than is allowed: the reader's time grows with the depth."""

    _depth = 0

    def compose_node(self, parent, index):
        self._depth += 1
        if self._depth > DEEPEST_NESTING:
            mark = self.parser.peek_event().start_mark
            raise MarkedYAMLError(
                problem=f"nested deeper than {DEEPEST_NESTING}", problem_mark=mark
            )
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _reader() -> YAML:
    reader = YAML(typ="safe", pure=True)
    reader.Composer = _BoundedComposer
    return reader


def _checked(text: str, where: KeyPath, line: int, document: Document, longest: int) -> str:
    """The text in NFC; one that nothing can show, or that no person writes, is a problem."""
    text = text if FILES.intersection(where) else nfc(text)
    if found := unprintable(text):
        document.add_problem_at(line, f"the text holds {found}; remove it", where)
        text = made_visible(text)
    if len(text) > longest:
        message = f"{quoted(text)}: longer than {longest:,} characters; shorten it"
        document.add_problem_at(line, message, where)
        text = text[:longest]
    return text


def _value(node: Node, path: KeyPath, document: Document, seen: set[int]) -> object:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if id(node) in seen:
        document.add_problem(path, "anchors (&) and aliases (*) are not supported; write it out")
        return None
    seen.add(id(node))
    if str(node.tag) not in _PLAIN_TAGS:
        document.add_problem(path, f"the tag {node.tag} is not supported; remove it")
        return None
    if isinstance(node, ScalarNode):
        line = node.start_mark.line + 1
        is_null = node.tag == _CORE + "null"
        return None if is_null else _checked(node.value, path, line, document, MAX_TEXT)
    if isinstance(node, SequenceNode):
        return [_value(item, (*path, i), document, seen) for i, item in enumerate(node.value)]
    return _mapping(node, path, document, seen)


def _mapping(
    node: MappingNode, path: KeyPath, document: Document, seen: set[int]
) -> dict[str, object]:
    values: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            document.add_problem_at(line, "a key must be plain text", path)
            continue
        key = _checked(key_node.value, path, line, document, MAX_KEY)
        if key in values:
            before = document.lines[(*path, key)]
            message = f"the key was given before, in line {before}; keep one of the two"
            document.add_problem_at(line, message, (*path, key))
            continue
        document.lines[(*path, key)] = line
        values[key] = _value(value_node, (*path, key), document, seen)
    return values
