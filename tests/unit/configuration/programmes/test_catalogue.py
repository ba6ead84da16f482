"""Profiles of programmes: each holds together, says its sources, and is found by its name."""

from __future__ import annotations

import pytest

from mlm.configuration.programmes.catalogue import PROGRAMMES, programmes_named
from mlm.configuration.programmes.programme import KINDS
from mlm.nouns.replicates import Replicates

BY_TITLE = {programme.title: programme for programme in PROGRAMMES}


def test_titles_are_their_own():
    assert len(BY_TITLE) == len(PROGRAMMES)
    assert {p.name for p in PROGRAMMES} == {
        *("PISA", "TIMSS", "PIRLS", "ICCS", "ICILS", "TALIS", "PASEC", "ERCE", "NAEP")
    }


@pytest.mark.parametrize("title", BY_TITLE)
def test_a_profile_holds_together(title):
    programme = BY_TITLE[title]
    assert programme.sources
    assert {*programme.ids, *programme.weights} <= set(KINDS)
    assert programme.elsewhere <= set(programme.weights.values())
    named = [*programme.ids.values(), *programme.weights.values()]
    named += [name for domain in programme.domains for name in domain.draws]
    named += programme.replications[0].names
    assert len(set(named)) == len(named)
    assert not set(named) & set(programme.covariates.values())
    assert programmes_named(title) == (programme,)


@pytest.mark.parametrize("title", BY_TITLE)
def test_replicates_of_a_profile_are_such_as_the_library_knows(title):
    for known in BY_TITLE[title].replications:
        made = Replicates(
            known.method,
            known.names if known.columns else (),
            factor=known.factor or 0.0,
            halves=known.halves or "one",
            psu=known.unit or None,
            strata=known.zone or None,
        )
        assert made.degrees(known.count) == known.degrees


FACTS = {
    # replicates, what each counts for, degrees of freedom, plausible values of a domain
    "PISA 2003": (80, 1 / 20, 80, 5),
    "PISA 2018": (80, 1 / 20, 80, 10),
    "TIMSS 2011 grade 8": (75, 1.0, 75, 5),
    "TIMSS 2019 grade 4": (150, 0.5, 75, 5),
    "PIRLS 2011": (75, 1.0, 75, 5),
    "PIRLS 2021": (250, 0.5, 125, 5),
    "ICCS 2016": (75, 1.0, 75, 5),
    "ICILS 2018": (75, 1.0, 75, 5),
    "TALIS 2018": (100, 1 / 25, 100, None),
    "PASEC 2019 grade 2": (45, 1.0, 45, 5),
    "ERCE 2019": (100, 1 / 25, 100, 5),
    "NAEP 2019": (62, 1.0, 62, 20),
}


@pytest.mark.parametrize("title", FACTS)
def test_numbers_are_those_of_the_technical_reports(title):
    count, scale, degrees, draws = FACTS[title]
    programme = BY_TITLE[title]
    known = programme.replications[0]
    made = Replicates(
        known.method,
        tuple(f"r{i}" for i in range(count)),
        factor=known.factor or 0.0,
        halves=known.halves or "one",
    )
    assert (known.count, known.degrees) == (count, degrees)
    assert made.scale(known.count)[0] == pytest.approx(scale)
    assert {len(domain.draws) for domain in programme.domains} == ({draws} if draws else set())


def test_a_minimum_is_of_the_scale_of_its_cycle():
    def cuts(title):
        return {d.name: d.minimum for d in BY_TITLE[title].domains}

    assert cuts("PISA 2012") == {"math": 420.07, "read": 407.47, "science": 409.54}
    assert cuts("PISA 2003") == {"math": 420.07, "read": 407.47, "science": None}
    assert cuts("PISA 2000") == {"math": None, "read": 407.47, "science": None}
    assert cuts("TIMSS 2019 grade 8") == {"math": 400.0, "science": 400.0}
    assert cuts("PASEC 2014 grade 6") == {"read": 518.4, "math": 521.5}
    assert cuts("ERCE 2019") == {"math": None, "read": None}


def test_a_name_may_leave_cycle_and_grade_open():
    assert len(programmes_named("PISA")) == 8
    assert [p.grade for p in programmes_named("timss 2019")] == [4, 8]
    assert programmes_named("LLECE 2019") == programmes_named("ERCE")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("PISSA 2012", "did you mean 'PISA'?"),
        ("PISA 2013", "expected one of 2000, 2003"),
        ("TIMSS 2019 grade 5", "expected 4 or 8"),
        ("PISA 2012 grade 4", "expected none"),
        ("PISA of 2012", "is not a programme"),
    ],
)
def test_what_is_no_programme_is_told_with_the_nearest(text, told):
    with pytest.raises(ValueError, match=r".") as caught:
        programmes_named(text)
    assert told in str(caught.value)
