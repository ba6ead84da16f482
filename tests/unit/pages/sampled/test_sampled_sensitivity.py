"""What moves under other weights, told by its size whatever its direction."""

from __future__ import annotations

import pytest

from mlm.pages.sections.sampled.robustness.sensitivity import sensitivity_section
from mlm.pages.text import plain_text
from tests.unit.pages.sampled import sampled_context, sampled_inputs


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("size", "words"), [(0.2, "matters little"), (2.5, "matters: ")])
def test_a_difference_is_large_or_small_by_its_size(sign, size, words):
    given = sampled_inputs()
    given["results"]["sensitivity"]["largest"]["in_se"] = sign * size
    answer = plain_text(sensitivity_section(sampled_context(given)).blocks[0]["runs"])
    assert f"The scaling of the weights {words}" in answer
    assert f"by {size:.2f} standard errors" in answer


@pytest.mark.parametrize(("size", "is_told"), [(0.2, False), (-2.48, True)])
def test_what_unscaled_weights_move_is_told_as_no_doubt(size, is_told):
    given = sampled_inputs()
    given["results"]["sensitivity"]["largest_unscaled"]["in_se"] = size
    answer = plain_text(sensitivity_section(sampled_context(given)).blocks[0]["runs"])
    assert ("would move by 2.48 standard errors. That is no doubt" in answer) == is_told
