"""What the null model contains is said as it is: no time, where there is one wave."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mlm.pages.words.null_model import null_content


@pytest.mark.parametrize(("waves", "words"), [(True, "time alone"), (False, "no variable")])
def test_the_null_model_of_one_wave_has_no_time(waves, words):
    assert null_content(SimpleNamespace(is_longitudinal=waves)) == words
