"""The claim: which fixed effects and which random terms, without any data.

A term is a product of factors (``year:sex``), a factor is a variable or a whitelisted function of
one. Layer: nouns, below rows and statistics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mlm.nouns.levels import RESIDUAL

INTERCEPT = "Intercept"
FORMS = ("us", "cs", "csh", "ar1", "ar1h", "toeph", "adh", "diag")  # names of SAS and mmrm


@dataclass(frozen=True)
class Factor:
    """A variable, or a function of one, as it stands in a formula.

    Attributes
    ----------
    variable : str
        Name of the variable in the data.
    function : str
        ``"identity"``, ``"power"``, ``"log"``, ``"log1p"``, ``"sqrt"`` or ``"exp"``.
    exponent : int
        Exponent of ``"power"``; 1 otherwise.
    """

    variable: str
    function: str = "identity"
    exponent: int = 1

    def __str__(self) -> str:
        if self.function == "identity":
            return self.variable
        if self.function == "power":
            return f"I({self.variable} ** {self.exponent})"
        return f"{self.function}({self.variable})"


@dataclass(frozen=True)
class Term:
    """A product of factors; the empty product is the intercept.

    Attributes
    ----------
    factors : tuple of Factor
        In the order of the formula; two terms with the same factors are the same term.
    """

    factors: tuple[Factor, ...] = ()

    def __str__(self) -> str:
        return ":".join(str(f) for f in self.factors) or INTERCEPT

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables in the product, in order, without repetition."""
        return tuple(dict.fromkeys(f.variable for f in self.factors))

    @property
    def key(self) -> frozenset:
        """Identity of the term, whatever the order of its factors."""
        return frozenset(self.factors)

    @property
    def order(self) -> int:
        """Degree of the term: 1 for a main effect, 2 for a product of two or a square."""
        return sum(factor.exponent for factor in self.factors)

    def contains(self, other: Term) -> bool:
        """Whether ``other`` is a proper margin of this term (Nelder 1977).

        ``x`` is a margin of ``x:z`` and of ``I(x ** 2)``; ``x:z`` is one of ``I(x ** 2):z``.
        """
        mine, its = _degrees(self), _degrees(other)
        return mine != its and all(mine.get(k, 0) >= v for k, v in its.items())


def _degrees(term: Term) -> dict[tuple[str, str], int]:
    degrees: dict[tuple[str, str], int] = {}
    for factor in term.factors:
        kind = "polynomial" if factor.function in ("identity", "power") else factor.function
        key = (factor.variable, kind)
        degrees[key] = degrees.get(key, 0) + factor.exponent
    return degrees


@dataclass(frozen=True)
class RandomTerm:
    """Random effects of the members of one grouping factor, with their own covariance matrix.

    Attributes
    ----------
    group : tuple of str
        Id columns whose combination makes the groups, outermost first: ``("school", "pupil")``.
    terms : tuple of Term
        The columns that vary over the groups; the empty term is the intercept.
    form : str or None
        Form of their covariance over the categories of a variable, one of ``FORMS``; None: any, and
        beside the residual.
    """

    group: tuple[str, ...]
    terms: tuple[Term, ...] = (Term(),)
    form: str | None = None

    @property
    def name(self) -> str:
        """Name of the grouping factor as lme4 writes it: ``school:pupil``."""
        return ":".join(self.group)

    def __str__(self) -> str:
        has_intercept = any(not t.factors for t in self.terms)
        names = ["1" if has_intercept else "0"] + [str(t) for t in self.terms if t.factors]
        return f"{self.form or ''}({' + '.join(names)} | {self.name})"


@dataclass(frozen=True)
class Model:
    """The claim that is fitted: a response, fixed terms and random terms.

    Attributes
    ----------
    response : str
        Name of the response variable.
    terms : tuple of Term
        Fixed terms in the order of the formula, the intercept included as the empty term.
    random : tuple of RandomTerm
        Random terms; terms on the same groups are independent of each other.
    residual : str or None
        Variable with a residual variance of its own in each category, such as the wave; None: one
        residual variance.
    """

    response: str
    terms: tuple[Term, ...]
    random: tuple[RandomTerm, ...] = ()
    residual: str | None = None

    @property
    def formula(self) -> str:
        """The model as an lme4 formula."""
        fixed = ["1" if not t.factors else str(t) for t in self.terms] or ["0"]
        if Term() not in self.terms and fixed != ["0"]:
            fixed.insert(0, "0")
        rows = [] if self.residual is None else [f"diag(0 + {self.residual} | {RESIDUAL})"]
        return f"{self.response} ~ " + " + ".join(fixed + [str(r) for r in self.random] + rows)

    def without(self, term: Term) -> Model:
        """The same model with one fixed term left out."""
        return replace(self, terms=tuple(t for t in self.terms if t.key != term.key))

    def with_terms(self, terms: Iterable[Term]) -> Model:
        """The same random part with other fixed terms."""
        return replace(self, terms=tuple(terms))

    def with_random(self, random: Iterable[RandomTerm]) -> Model:
        """The same fixed part with other random terms."""
        return replace(self, random=tuple(random))

    def with_residual(self, variable: str | None) -> Model:
        """The same model with a residual variance for each category of a variable, or with one."""
        return replace(self, residual=variable)

    @property
    def slopes(self) -> list[Term]:
        """Terms that vary over groups: they stay in the fixed part."""
        return [term for effects in self.random for term in effects.terms]
