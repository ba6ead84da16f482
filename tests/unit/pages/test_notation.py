"""The equation of the model for each design, in the letters of the paper."""

import pytest

from mlm.pages.context import make_context
from mlm.pages.notation import make_notation
from tests.unit.pages.sample import inputs

DESIGNS = {
    "same_pupils": (
        [
            ("county", "county"),
            ("school", "county:school"),
            ("pupil", "county:school:pupil"),
            ("occasion", "residual"),
        ],
        "a_c + b_cs + e_csp + f_cspt",
    ),
    "same_schools": (
        [
            ("county", "county"),
            ("school", "county:school"),
            ("school in wave", "county:school:wave"),
            ("pupil", "residual"),
        ],
        "a_c + b_cs + f_cst + e_cstp",
    ),
    "new_schools": (
        [
            ("county", "county"),
            ("county in wave", "county:wave"),
            ("school", "county:wave:school"),
            ("pupil", "residual"),
        ],
        "a_c + f_ct + b_cts + e_ctsp",
    ),
    "cross_section": (
        [("county", "county"), ("school", "county:school"), ("pupil", "residual")],
        "a_c + b_cs + e_csp",
    ),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_random_part_in_the_notation_of_the_paper(design):
    levels, expected = DESIGNS[design]
    given = inputs()
    given["results"]["levels"] = [{"name": n, "group": g, "n": 9} for n, g in levels]
    notation = make_notation(make_context(**given))
    assert " + ".join(f"{part.letter}_{part.index}" for part in notation.parts) == expected
