"""What a difference between the groups of a policy is, by what is said of their assignment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlm.nouns.assignment import EVIDENCE, Assignment

WAVES = ("w0", "w1", "w2", "w3")
CLAIMS = st.builds(
    Assignment,
    st.sampled_from(EVIDENCE),
    st.sampled_from([None, "class", "row"]),
    st.sampled_from([None, *WAVES, "w9"]),
    st.sampled_from(["assigned", "attended"]),
)


@given(CLAIMS, st.sampled_from([None, *WAVES]))
def test_an_effect_is_caused_only_in_groups_as_assigned_at_random(claim, wave):
    """At the wave of assignment, or by the assignment carried forward; never before it."""
    is_said = claim.evidence == "randomised" and claim.level and claim.wave in WAVES
    told = WAVES if wave is None else (wave,)
    start = WAVES.index(claim.wave) if claim.wave in WAVES else 0
    places = [WAVES.index(each) for each in told]
    as_assigned = all(
        place == start or (place > start and claim.groups == "assigned") for place in places
    )
    assert (claim.standing(wave, WAVES) == "caused") == bool(is_said and as_assigned)


@given(CLAIMS, st.sampled_from([None, *WAVES]))
def test_what_is_not_at_random_is_compared_and_what_is_not_said_is_unsaid(claim, wave):
    standing = claim.standing(wave, WAVES)
    assert (standing == "compared") == (claim.evidence != "randomised")
    if claim.evidence == "randomised":
        assert (standing == "unsaid") == (claim.level is None or claim.wave not in WAVES)


def test_one_difference_for_waves_before_and_after_is_mixed():
    claim = Assignment("randomised", "class", "w1", "assigned")
    assert claim.standing(None, WAVES) == "mixed"
    assert claim.standing("w0", WAVES) == "before"
    assert Assignment("randomised", "class", "w0").standing(None, WAVES) == "attended"
    assert Assignment("randomised", "class", "w0").standing(None, ("w0",)) == "caused"
