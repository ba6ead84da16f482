"""The model as an equation in the notation of Aitkin's paper: a_c + b_cs + e_csp + f_cspt.

The letters: a, b, … for the named levels from the top, e for the lowest named level, f for the
level of time; the indices are initials of the levels, t for time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.results.level import Level

Token = dict[str, str]
TIME_NAMES = ("wave", "occasion")
LETTERS = "abdghkmnquvw"


@dataclass(frozen=True)
class RandomPart:
    """One random part: its level, letter, indices and meaning."""

    level: Level
    letter: str
    index: str
    meaning: str

    @property
    def is_residual(self) -> bool:
        """Whether its units are the rows."""
        return not self.level.ids


@dataclass(frozen=True)
class Notation:
    """The equation of a model."""

    parts: Sequence[RandomPart]

    @property
    def index(self) -> str:
        """Indices of a single row."""
        return self.parts[-1].index

    def model_tokens(self) -> list[Token]:
        """``y = μ + x'β + a + b + …``."""
        tokens: list[Token] = [{"sym": "y", "sub": self.index}, {"op": "="}, {"sym": "μ"}]
        tokens += [{"op": "+"}, {"sym": "x", "sub": self.index, "sup": "′"}, {"sym": "β"}]
        for part in self.parts:
            tokens += [{"op": "+"}, {"sym": part.letter, "sub": part.index}]
        return tokens

    def model_spoken(self) -> str:
        """The model in words."""
        effects = ", ".join(spoken(part.letter, part.index) for part in self.parts)
        return _("{outcome} equals mu plus x times beta plus {effects}").format(
            outcome=spoken("y", self.index), effects=effects
        )

    def variance_tokens(self) -> list[Token]:
        """``a ~ N(0, σ²_a), …``."""
        tokens: list[Token] = []
        for position, part in enumerate(self.parts):
            if position:
                tokens.append({"op": ","})
            tokens += [
                {"sym": part.letter, "sub": part.index},
                {"op": "∼"},
                {"op": "N(0, "},
                {"sym": "σ", "sub": part.letter, "sup": "2"},
                {"op": ")"},
            ]
        return tokens

    def variance_spoken(self) -> str:
        """The distributions in words."""
        return "; ".join(
            _("{letter} is normal with mean zero and variance sigma squared {letter}").format(
                letter=part.letter
            )
            for part in self.parts
        )


def make_notation(context: Context) -> Notation | None:
    """The notation for the levels of the results; None when there are none."""
    levels = context.hierarchy
    if not levels:
        return None
    named = [level for level in levels if not _is_time(level)]
    letters = iter(LETTERS)
    indices: dict[str, str] = {}
    parts = []
    path: list[str] = []
    for level in levels:
        path = _path(level) if level.ids else [*path, level.unit]
        for step in path:
            if step not in indices:
                indices[step] = _index(step, set(indices.values()))
        is_lowest = bool(named) and level == named[-1]
        letter = "f" if _is_time(level) else "e" if is_lowest else next(letters)
        index = "".join(indices[step] for step in path)
        parts.append(RandomPart(level, letter, index, _meaning(context, level)))
    return Notation(tuple(parts))


def spoken(letter: str, index: str) -> str:
    """A symbol in words."""
    return _("{letter} with index {index}").format(letter=letter, index=" ".join(index))


def _path(level: Level) -> list[str]:
    return list(level.ids) if _is_time(level) else [*level.ids[:-1], level.unit]


def _is_time(level: Level) -> bool:
    return level.in_wave or level.unit in TIME_NAMES


def _meaning(context: Context, level: Level) -> str:
    return _("differences {where}").format(where=context.between_units(level))


def _index(name: str, taken: set[str]) -> str:
    if name in TIME_NAMES:
        return "t"
    candidates = [c for c in name.lower() if c.isalpha() and c != "t"]
    candidates += list("ijklmnoqruvwxyz")
    return next(letter for letter in candidates if letter not in taken)
