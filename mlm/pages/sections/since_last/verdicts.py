"""Effects of policies and tests of levels whose verdict is another than in the last results."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.pages.blocks import Block, heading
from mlm.pages.blocks import bullets as bullet_list
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.previous import side_of_zero
from mlm.pages.text import Run, say
from mlm.results.reading import At
from mlm.results.runs.kept import Verdict

SIDES_OF_ZERO: dict[Verdict, str] = {
    "above": N_("clearly above zero"),
    "below": N_("clearly below zero"),
    "between": N_("not clearly different from zero"),
}


def verdict_blocks(context: Context) -> list[Block]:
    """Verdicts on policies and levels that changed; nothing where the record does not tell any."""
    items = [*_of_policies(context), *_of_levels(context)]
    if not items:
        return []
    return [heading("changes-verdicts", _("Verdicts that changed")), bullet_list(items)]


def _of_policies(context: Context) -> Iterator[list[Run]]:
    """Effects whose intervals lie on another side of zero; none of those that are hidden."""
    weak = {key[:2] for key in context.weak_categories}
    for policy in context.results.policy:
        name = policy.variable.value
        for effect in policy.effects:
            place = {"variable": name, "category": effect.category.value}
            before = context.previous.policies.find(**place, wave=effect.wave.value)
            side = side_of_zero(effect.lower.value, effect.upper.value)
            if before is None or before.side.value == side or tuple(place.values()) in weak:
                continue
            yield _moved_words(context, name, effect, (before.side.value, side))


def _moved_words(
    context: Context, name: str, effect: At, sides: tuple[Verdict, Verdict]
) -> list[Run]:
    labels = context.labels
    before, now = (_(SIDES_OF_ZERO[side]) for side in sides)
    what = labels.variable(name)
    if not effect.category.missing:
        what = f"{what}, {labels.category(name, effect.category.value)}"
    if effect.wave.missing:
        template = _("{what}: the effect is now {now}; before it was {before}.")
        return say(template, what=what, now=now, before=before)
    return say(
        _("{what}, {wave}: the effect is now {now}; before it was {before}."),
        what=what,
        wave=labels.wave(effect.wave.value),
        now=now,
        before=before,
    )


def _of_levels(context: Context) -> Iterator[list[Run]]:
    """Levels whose variance was clearly not zero and is not, or the other way."""
    if context.previous.level_tests.missing:
        return
    alpha = context.labels.analysis.alpha
    for item in context.results.null.tests:
        before = context.previous.level_tests.find(level=item.level.value)
        if before is None or item.test.kind.value != "made":
            continue
        was, now = (found.value < alpha for found in (before.p_value, item.test.p_value))
        if was == now:
            continue
        template = (
            _("There is now clear evidence that {groups} differ; before there was not.")
            if now
            else _("There is no longer clear evidence that {groups} differ; before there was.")
        )
        yield say(template, groups=context.labels.plural(item.level.value))
