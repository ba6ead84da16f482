"""What may be said about a policy, by its evidence and by what a difference in a wave is.

Causal verbs stand here and nowhere else, and only under ``caused``.
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
    "caused": EvidenceWording(
        name=N_("Random allocation"),
        explanation=(
            N_(
                "{variable} was allocated at random to {units} in {wave}. Differences between the "
                "groups as assigned are therefore effects of the allocation, apart from chance and "
                "from units that left."
            )
        ),
        clear=N_("{category} instead of {reference} {sign} {outcome} by {size}{when}."),
        unclear=(
            N_(
                "There is no clear evidence that {category} rather than {reference} changed "
                "{outcome}{when}: the estimated effect is {estimate}."
            )
        ),
        higher=N_("raised"),
        lower=N_("lowered"),
        caption=N_("Effect of"),
    ),
    "attended": EvidenceWording(
        name=N_("Random allocation; in later waves the groups attended"),
        explanation=(
            N_(
                "{variable} was allocated at random to {units} in {wave}. Differences in that wave "
                "are effects of the allocation, apart from chance. In later waves the groups are "
                "those attended then; who changed group was not drawn by lot, so these differences "
                "need not be effects."
            )
        ),
        clear=(
            N_(
                "By the group attended in the wave, {outcome} was {sign} with {category} than with "
                "{reference}: by {size}{when}."
            )
        ),
        unclear=(
            N_(
                "By the group attended in the wave, {outcome} does not clearly differ between "
                "{category} and {reference}{when}: the estimated difference is {estimate}."
            )
        ),
        higher=N_("higher"),
        lower=N_("lower"),
        caption=N_("Difference by"),
    ),
    "before": EvidenceWording(
        name=N_("Random allocation, with waves before it"),
        explanation=(
            N_(
                "{variable} was allocated at random to {units} in {wave}. Differences in waves "
                "before it are no effects of the allocation."
            )
        ),
        clear=(
            N_(
                "Before the allocation, {outcome} was {sign} with {category} than with "
                "{reference}: by {size}{when}."
            )
        ),
        unclear=(
            N_(
                "Before the allocation, {outcome} does not clearly differ between {category} "
                "and {reference}{when}: the estimated difference is {estimate}."
            )
        ),
        higher=N_("higher"),
        lower=N_("lower"),
        caption=N_("Difference by"),
    ),
    "mixed": EvidenceWording(
        name=N_("Random allocation, with waves before it"),
        explanation=(
            N_(
                "{variable} was allocated at random to {units} in {wave}. The model has one "
                "difference for waves before and after it, which is no effect of the allocation."
            )
        ),
        clear=(
            N_(
                "Over waves before and after the allocation, {outcome} was {sign} with {category} "
                "than with {reference}: by {size}{when}."
            )
        ),
        unclear=(
            N_(
                "Over waves before and after the allocation, {outcome} does not clearly differ "
                "between {category} and {reference}{when}: the estimated difference is "
                "{estimate}."
            )
        ),
        higher=N_("higher"),
        lower=N_("lower"),
        caption=N_("Difference by"),
    ),
    "unsaid": EvidenceWording(
        name=N_("Random allocation, level or wave not stated"),
        explanation=(
            N_(
                "{variable} is declared as allocated at random, but not at which level and "
                "in which wave. The groups are therefore those attended, and no difference "
                "is called an effect."
            )
        ),
        clear=(
            N_(
                "By the group attended, {outcome} was {sign} with {category} than with "
                "{reference}: by {size}{when}."
            )
        ),
        unclear=(
            N_(
                "By the group attended, {outcome} does not clearly differ between {category} "
                "and {reference}{when}: the estimated difference is {estimate}."
            )
        ),
        higher=N_("higher"),
        lower=N_("lower"),
        caption=N_("Difference by"),
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
                "Among cases alike in the other variables of the model, {outcome} does not "
                "clearly differ between {category} and {reference}{when}: the estimated "
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
                "There is no clear association between {category} (against {reference}) and "
                "{outcome}{when}: the estimated difference is {estimate}."
            )
        ),
        higher=N_("higher"),
        lower=N_("lower"),
        caption=N_("Association with"),
    ),
}


def wording(evidence: str, standing: str) -> EvidenceWording:
    """The wording for a kind of evidence and what a difference is.

    Parameters
    ----------
    evidence : str
        How the comparison came about; an unknown kind is worded as observation only.
    standing : str
        As ``Assignment.standing`` tells it, of what was allocated at random.
    """
    key = standing if evidence == "randomised" else evidence
    words = EVIDENCE.get(key, EVIDENCE["observational"])
    return EvidenceWording(**{key: _(text) for key, text in asdict(words).items()})
