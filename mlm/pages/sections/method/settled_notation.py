"""The settled model as an equation: the letters of the null model, with forms over waves, slopes.

Effects of a level that change with the waves have the index t; slopes of its units have a star. A
form in the residual's place leaves no residual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlm.nouns.levels import WAVE
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.sections.method.notation import Notation, RandomPart, Token, spoken
from mlm.pages.text import enumerate_words, plain_text
from mlm.pages.words.wave_forms import residual_form, wave_form
from mlm.results.level import Level
from mlm.results.random_part import VARIANCES_BY_WAVE, WaveForm

CORRELATED = {
    "part_by_wave": "",
    "variances_by_wave": "",
    "autoregressive": "|t−u|",
    "autoregressive_variances": "|t−u|",
}
"""Power of the correlation of two waves t and u, of forms that have one."""
SPOKEN = {
    "single": N_("{effect} is normal with mean zero and variance sigma squared {letter}"),
    "by_wave": N_("{effect} is normal with mean zero and a variance for each wave"),
    "together": N_("{effect} are normal together with mean zero and covariance sigma {letter}"),
    "correlated": N_("two waves are correlated rho {letter}"),
    "decaying": N_("two waves t and u are correlated rho {letter} to the power of their distance"),
}


@dataclass(frozen=True)
class SettledPart:
    """The effects of one level in the settled model.

    Attributes
    ----------
    part : RandomPart
        Letter and index of the level in the null model.
    form : str
        Its form over the waves; of units in waves, and of rows, one variance or one a wave.
    slopes : tuple of str
        Variables whose effects differ between the units.
    recurs : bool
        Whether the units are seen in several waves.
    """

    part: RandomPart
    form: WaveForm
    slopes: tuple[str, ...] = ()
    recurs: bool = False

    @property
    def changes(self) -> bool:
        """Whether there is an effect for each wave."""
        return self.form not in ("constant", "line")

    @property
    def index(self) -> str:
        """Indices of an effect."""
        over = "t" if self.changes and "t" not in self.part.index else ""
        return self.part.index + over

    @property
    def correlation(self) -> str | None:
        """Power of the correlation of two waves; None where the form has no such correlation."""
        return None if self.part.is_residual else CORRELATED.get(self.form)

    @property
    def is_joint(self) -> bool:
        """Whether slopes have a covariance with the effects: not beside a form of these."""
        return bool(self.slopes) and self.correlation is None

    @property
    def effects(self) -> list[list[Token]]:
        """Each effect of the units as a term of the equation."""
        letter, own = self.part.letter, {"sym": self.part.letter, "sub": self.index}
        found: list[list[Token]] = [[own]]
        if self.form == "line":
            slope = {"sym": letter, "sub": f"1{self.index}"}
            found = [[{"sym": letter, "sub": f"0{self.index}"}], [slope, {"sym": "t"}]]
        return found

    @property
    def star(self) -> Token:
        """The slopes of the units."""
        return {"sym": self.part.letter, "sub": self.part.index, "sup": "∗"}

    def distributions(self) -> list[list[Token]]:
        """The distributions of effects and slopes, one after the other."""
        letter = self.part.letter
        if self.is_joint or self.form in ("line", "unstructured"):
            found = [
                _normal([*self._waves(), *([self.star] if self.is_joint else [])], "Σ", letter)
            ]
        else:
            by_wave = "t" if self.form in VARIANCES_BY_WAVE else ""
            found = [_normal(self.effects[0], "σ", letter + by_wave, "2")]
        if self.correlation is not None:
            found.append(self._correlation(self.correlation))
        if self.slopes and not self.is_joint:
            found.append(_normal([self.star], "Σ", f"{letter}∗"))
        return found

    def _waves(self) -> list[Token]:
        """The effects that have a covariance together."""
        if self.form != "unstructured":
            return [effect[0] for effect in self.effects]
        letter, index = self.part.letter, self.part.index
        ends = [{"sym": letter, "sub": f"{index}{wave}"} for wave in ("1", "T")]
        return [ends[0], {"sym": "…"}, ends[1]]

    def _correlation(self, power: str) -> list[Token]:
        letter, index = self.part.letter, self.part.index
        pair = [{"sym": letter, "sub": f"{index}{wave}"} for wave in "tu"]
        rho = {"sym": "ρ", "sub": letter, "sup": power}
        return [{"op": "corr("}, pair[0], {"op": ", "}, pair[1], {"op": ")"}, {"op": "="}, rho]

    def spoken(self) -> list[str]:
        """The distributions in words."""
        letter = self.part.letter
        effect = spoken(letter, self.index)
        kind = "by_wave" if self.form in VARIANCES_BY_WAVE else "single"
        if self.is_joint or self.form in ("line", "unstructured"):
            kind = "together"
        found = [_(SPOKEN[kind]).format(effect=effect, letter=letter)]
        if self.correlation is not None:
            decays = "decaying" if self.correlation else "correlated"
            found.append(_(SPOKEN[decays]).format(letter=letter))
        return found

    def words(self, context: Context) -> str:
        """The form over the waves, and the variables with slopes."""
        if self.part.is_residual:
            told = residual_form(self.form) if context.is_longitudinal else _("one variance")
        else:
            told = wave_form(self.form) if self.recurs else _("one variance")
        if not self.slopes:
            return told
        labels = [context.labels.variable(name) for name in self.slopes]
        return _("{form}; slopes of {variables}").format(
            form=told, variables=plain_text(enumerate_words(labels))
        )


@dataclass(frozen=True)
class SettledNotation:
    """The equation of the settled model."""

    null: Notation
    parts: Sequence[SettledPart]

    def model_tokens(self) -> list[Token]:
        """``y = μ + x'β + a + z'a* + …``."""
        row = self.null.index
        tokens: list[Token] = [{"sym": "y", "sub": row}, {"op": "="}, {"sym": "μ"}]
        tokens += [{"op": "+"}, {"sym": "x", "sub": row, "sup": "′"}, {"sym": "β"}]
        for part in self.parts:
            for effect in part.effects:
                tokens += [{"op": "+"}, *effect]
            if part.slopes:
                tokens += [{"op": "+"}, {"sym": "z", "sub": row, "sup": "′"}, part.star]
        return tokens

    def model_spoken(self) -> str:
        """The model in words."""
        effects = [spoken(part.part.letter, part.index) for part in self.parts]
        effects += [
            _("z times {letter} star").format(letter=part.part.letter)
            for part in self.parts
            if part.slopes
        ]
        return _("{outcome} equals mu plus x times beta plus {effects}").format(
            outcome=spoken("y", self.null.index), effects=", ".join(effects)
        )

    def variance_tokens(self) -> list[Token]:
        """The distributions of all effects."""
        tokens: list[Token] = []
        for distribution in (d for part in self.parts for d in part.distributions()):
            tokens += [*([{"op": ","}] if tokens else []), *distribution]
        return tokens

    def variance_spoken(self) -> str:
        """The distributions in words."""
        return "; ".join(words for part in self.parts for words in part.spoken())


def settled_notation(context: Context, null: Notation) -> SettledNotation:
    """The equation of the settled model in the letters of the null model."""
    forms = {item.level.value: item for item in context.results.settled.random_part.levels}
    slopes = _slopes(context)
    parts = []
    for part in null.parts:
        if part.is_residual:
            held = context.results.settled.variances[-1]
            if held.level.value == part.level:
                form: WaveForm = "constant" if held.by_wave.missing else "variances_by_wave"
                parts.append(SettledPart(part, form))
        elif part.level in forms:
            item = forms[part.level]
            has_part = any(_is_part(other, part.level) for other in forms)
            form = item.form.value
            form = "constant" if form == "part_by_wave" and has_part else form
            own = slopes.get(part.level, ())
            parts.append(SettledPart(part, form, own, item.recurs.value))
    return SettledNotation(null, tuple(parts))


def _is_part(level: Level, of: Level) -> bool:
    """Whether the units of a level are those of another in single waves."""
    return level.in_wave and tuple(name for name in level.ids if name != WAVE) == of.ids


def _slopes(context: Context) -> dict[Level, tuple[str, ...]]:
    """Variables, time left out, whose effects differ between the units of a level."""
    found: dict[Level, dict[str, None]] = {}
    known = set(context.variables)
    for item in context.settled.variance_components:
        names = [factor.variable for factor in item.term1.value]
        if item.term2.missing and known.issuperset(names):
            found.setdefault(item.level.value, {}).update(dict.fromkeys(names))
    return {level: tuple(names) for level, names in found.items()}


def _normal(named: Sequence[Token], letter: str, index: str, power: str = "") -> list[Token]:
    """``(a, b) ∼ N(0, Σ)``."""
    effects: list[Token] = []
    for token in named:
        effects += [*([{"op": ", "}] if effects else []), token]
    if len(named) > 1:
        effects = [{"op": "("}, *effects, {"op": ")"}]
    scale = {"sym": letter, "sub": index, "sup": power}
    return [*effects, {"op": "∼"}, {"op": "N(0, "}, scale, {"op": ")"}]
