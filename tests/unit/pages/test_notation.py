"""The equation of the model for each design, in the letters of the paper."""

import pytest

from mlm.pages.context import make_context
from mlm.pages.notation import make_notation
from mlm.results.level import Level
from mlm.results.sample import LevelSize
from tests.unit.pages.sample import inputs, records

COUNTY = Level(unit="county", ids=("county",))
SCHOOL = Level(unit="school", ids=("county", "school"))
PUPIL = Level(unit="pupil", ids=())
DESIGNS = {
    "same_pupils": (
        (
            COUNTY,
            SCHOOL,
            Level(unit="pupil", ids=("county", "school", "pupil")),
            Level(unit="occasion", ids=()),
        ),
        "a_c + b_cs + e_csp + f_cspt",
    ),
    "same_schools": (
        (
            COUNTY,
            SCHOOL,
            Level(unit="school", in_wave=True, ids=("county", "school", "wave")),
            PUPIL,
        ),
        "a_c + b_cs + f_cst + e_cstp",
    ),
    "new_schools": (
        (
            COUNTY,
            Level(unit="county", in_wave=True, ids=("county", "wave")),
            Level(unit="school", ids=("county", "wave", "school")),
            PUPIL,
        ),
        "a_c + f_ct + b_cts + e_ctsp",
    ),
    "cross_section": ((COUNTY, SCHOOL, PUPIL), "a_c + b_cs + e_csp"),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_random_part_in_the_notation_of_the_paper(design):
    levels, expected = DESIGNS[design]
    given = records(inputs())
    sizes = tuple(LevelSize(level=level, n=9) for level in levels)
    given["results"] = given["results"].model_copy(update={"levels": sizes})
    notation = make_notation(make_context(**given))
    assert " + ".join(f"{part.letter}_{part.index}" for part in notation.parts) == expected
