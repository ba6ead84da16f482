"""Forms of the covariance of effects over waves."""

from __future__ import annotations

from typing import get_args

import pytest

from mlm.pages.sections.over_time import forms, stability
from mlm.results.over_time import CovarianceForm


@pytest.mark.parametrize("words", [forms.FORMS, stability.FORMS])
def test_every_form_has_words(words):
    assert set(words) == set(get_args(CovarianceForm))
