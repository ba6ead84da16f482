"""How many cases a law is tried on: some each time, all with the studies."""

from __future__ import annotations

from hypothesis import settings

EACH_TIME, WITH_STUDIES = "some", "all"
SHARE = 3  # of the cases that are tried each time, one of so many
FEWEST = 4

# a busy machine is no fault of what is tried: no case has a time limit
settings.register_profile(EACH_TIME, max_examples=100 // SHARE, deadline=None)
settings.register_profile(WITH_STUDIES, max_examples=100, deadline=None)


def cases(number: int) -> int:
    """Cases to try of so many, which the profile of the run decides."""
    if settings.get_current_profile_name() == WITH_STUDIES:
        return number
    return max(number // SHARE, min(number, FEWEST))
