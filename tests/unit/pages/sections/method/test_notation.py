"""The equation of the model for each design, in the letters of the paper."""

import pytest

from mlm.pages.contexts.making import make_context
from mlm.pages.sections.method.notation import make_notation
from mlm.pages.sections.method.settled_notation import settled_notation
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


def told(tokens) -> str:
    """Tokens as one line, an index after ``_``, a power after ``^``."""
    out = ""
    for token in tokens:
        marks = (("_", token.get("sub")), ("^", token.get("sup")))
        out += token.get("op") or token["sym"] + "".join(f"{m}{text}" for m, text in marks if text)
    return out


def settled(schools: str, pupils: str, by_wave=None, slope: bool = False):
    """The equation of the settled model with forms of schools and of pupils."""
    given = inputs()
    model = given["results"]["settled"]
    for item, form in zip(model["random_part"]["levels"], (schools, pupils), strict=True):
        item["form"] = form
    model["variances"] = [
        v for v in model["variances"] if v["level"]["ids"] or pupils == "constant"
    ]
    model["variances"][-1]["by_wave"] = by_wave
    school = model["random_part"]["levels"][0]["level"]
    factor = {"variable": "ses", "category": "N", "power": 1, "function": None}
    parts = [{"level": school, "term1": [factor] if slope else [], "variance": 1.0, "sd": 1.0}]
    model["reml"]["variance_components"] = parts
    context = make_context(**records(given))
    found = settled_notation(context, make_notation(context))
    return found, told(found.model_tokens()), told(found.variance_tokens())


FORMS = {
    "constant": ("a_s", "a_s∼N(0, σ_a^2)"),
    "part_by_wave": ("a_st", "a_st∼N(0, σ_a^2),corr(a_st, a_su)=ρ_a"),
    "variances_by_wave": ("a_st", "a_st∼N(0, σ_at^2),corr(a_st, a_su)=ρ_a"),
    "autoregressive": ("a_st", "a_st∼N(0, σ_a^2),corr(a_st, a_su)=ρ_a^|t−u|"),
    "autoregressive_variances": ("a_st", "a_st∼N(0, σ_at^2),corr(a_st, a_su)=ρ_a^|t−u|"),
    "line": ("a_0s+a_1st", "(a_0s, a_1s)∼N(0, Σ_a)"),
    "unstructured": ("a_st", "(a_s1, …, a_sT)∼N(0, Σ_a)"),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_settled_model_has_an_equation_whatever_the_form(form):
    _, model, variances = settled(form, "constant")
    effect, distribution = FORMS[form]
    assert model == f"y_spt=μ+x_spt^′β+{effect}+e_sp+f_spt"
    assert variances == f"{distribution},e_sp∼N(0, σ_e^2),f_spt∼N(0, σ_f^2)"


def test_a_form_in_the_place_of_the_residual_leaves_none():
    _, model, variances = settled("constant", "unstructured")
    assert model.endswith("+a_s+e_spt") and variances.endswith(",(e_sp1, …, e_spT)∼N(0, Σ_e)")


def test_residual_variances_by_wave_have_no_correlation():
    _, _, variances = settled("constant", "constant", by_wave=[1.0, 2.0])
    assert variances.endswith(",f_spt∼N(0, σ_ft^2)")


@pytest.mark.parametrize("form", FORMS)
def test_slopes_have_a_covariance_with_effects_that_have_no_correlation_of_their_own(form):
    found, model, variances = settled(form, "constant", slope=True)
    assert "+z_spt^′a_s^∗" in model and found.parts[0].slopes == ("ses",)
    apart = "corr(" in FORMS[form][1]
    assert (",a_s^∗∼N(0, Σ_a∗)" in variances) == apart
    assert (", a_s^∗)∼N(0, Σ_a)" in variances) != apart


@pytest.mark.parametrize("form", FORMS)
def test_the_equation_in_words_names_every_part(form):
    found, *_ = settled(form, "constant", slope=True)
    assert found.model_spoken().count(" with index ") == 1 + len(found.parts)
    assert "mean zero" in found.variance_spoken()
