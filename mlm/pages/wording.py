"""What may be said about a policy, by the evidence behind it.

Causal verbs stand here and nowhere else, and only under ``randomised``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from mlm.pages.language import N_, _


@dataclass(frozen=True)
class EvidenceWording:
    """Sentences for one kind of evidence; the names in braces are filled by the section.

    ``clear`` is used when the interval excludes zero, ``unclear`` otherwise, ``higher`` and
    ``lower`` are the words for the sign.
    """

    name: str
    explanation: str
    clear: str
    unclear: str
    higher: str
    lower: str
    caption: str


EVIDENCE = {
    "randomised": EvidenceWording(
        name=N_("Random allocation"),
        explanation=(
            N_(
                "{variable} was allocated at random. Differences between the groups are therefore "
                "effects of the allocation, apart from chance and from what happened to the groups "
                "afterwards (pupils leaving, moving, or changing group)."
            )
        ),
        clear=N_("{category} instead of {reference} {sign} {outcome} by {size}{when}."),
        unclear=(
            N_(
                "There is no evidence that {category} instead of {reference} changed "
                "{outcome}{when}: the estimated effect is {estimate}."
            )
        ),
        higher=N_("raised"),
        lower=N_("lowered"),
        caption=N_("Effect of"),
    ),
    "adjusted": EvidenceWording(
        name=N_("Comparison adjusted for other variables"),
        explanation=(
            N_(
                "{variable} was not allocated at random. The comparison is adjusted for the other "
                "variables of the model; groups may still differ in what was not recorded, so the "
                "difference must not be read as what a change of policy would bring about."
            )
        ),
        clear=(
            N_(
                "Among cases alike in the other variables of the model, {outcome} was {sign} with "
                "{category} than with {reference}: by {size}{when}."
            )
        ),
        unclear=(
            N_(
                "Among cases alike in the other variables of the model, there is no evidence of a "
                "difference in {outcome} between {category} and {reference}{when}: the estimated "
                "difference is {estimate}."
            )
        ),
        higher=N_("higher"),
        lower=N_("lower"),
        caption=N_("Adjusted difference by"),
    ),
    "observational": EvidenceWording(
        name=N_("Observation only"),
        explanation=(
            N_(
                "{variable} was observed as it occurred. The difference is an association; those "
                "with and without it may differ in many other ways, and the difference says "
                "nothing about what a change of policy would bring about."
            )
        ),
        clear=(
            N_(
                "{outcome} was {sign} with {category} than with {reference}: by {size}{when}. This "
                "is an association."
            )
        ),
        unclear=(
            N_(
                "There is no evidence of an association between {category} (against {reference}) "
                "and {outcome}{when}: the estimated difference is {estimate}."
            )
        ),
        higher=N_("higher"),
        lower=N_("lower"),
        caption=N_("Association with"),
    ),
}


def evidence(name: str) -> EvidenceWording:
    """The wording for a kind of evidence; an unknown kind is worded as observation only."""
    words = EVIDENCE.get(name, EVIDENCE["observational"])
    return EvidenceWording(**{key: _(text) for key, text in asdict(words).items()})
