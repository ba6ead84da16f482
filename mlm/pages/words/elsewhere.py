"""Units whose ids are found in another unit above, in words."""

from __future__ import annotations

from mlm.pages.language import _
from mlm.pages.rounding import count
from mlm.pages.text import Run, or_else, say
from mlm.pages.words.survey_names import SurveyNames
from mlm.results.reading import At


def found_elsewhere(check: At, names: SurveyNames) -> list[Run]:
    """How many ids the next wave has in another unit above, what they count as, what to declare."""
    words = {
        "units": names.plural(check.level.value),
        "parent": names.level(check.parent.value),
        "wave": names.wave_name(check.wave.value),
        "other": names.wave_name(check.other.value),
    }
    told = say(
        _(
            "of {of} {units} whose id stands once in wave {wave} and once in wave {other}, {count} "
            "are found in another {parent}"
        ),
        of=count(check.of),
        count=count(check.count),
        **words,
    )
    without = _("some ids of {units} of wave {wave} are found in another {parent} in wave {other}")
    told = or_else(told, without.format(**words))
    template = (
        _("{told}. They count as new {units}, as an id means one unit in its {parent} alone")
        if check.result.value == "ok"
        else _(
            "{told}. They count as new {units}, as an id is taken to mean one unit in its {parent} "
            "alone. If it means the same unit everywhere, write 'ids: global' at the level {level} "
            "of the configuration, and with 'moves' what those who move count as; if not, write "
            "'ids: local'"
        )
    )
    return say(template, told=told, level=check.level.value, **words)
