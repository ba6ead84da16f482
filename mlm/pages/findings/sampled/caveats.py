"""What bears on how far a sample can be relied on."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.language import _
from mlm.pages.phrases import unsigned
from mlm.pages.rounding import fixed
from mlm.pages.text import say

MANY_ERRORS = 1.0  # standard errors by which results without weights are others


def sampled_remarks(context: SampledContext) -> list[Finding]:
    """That units or rows were drawn by what the outcome depends on, where weights show it."""
    sensitivity = context.results.sensitivity
    if sensitivity.missing or sensitivity.largest_unweighted.missing:
        return []
    apart = sensitivity.largest_unweighted.in_se
    if abs(apart.value) <= MANY_ERRORS:
        return []
    runs = say(
        _(
            "Without weights results would differ by up to {apart} standard errors: those drawn "
            "are not like those they stand for."
        ),
        apart=fixed(unsigned(apart), 1),
    )
    short = say(_("Weights change the results"))
    return [
        Finding(
            key=key_of("caveat", "weights"),
            kind="caveat",
            runs=runs,
            short=short,
            section="sensitivity",
        )
    ]
