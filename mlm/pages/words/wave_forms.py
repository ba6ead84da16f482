"""Forms that the effects of units have over waves, in words."""

from __future__ import annotations

from mlm.pages.language import N_, _
from mlm.results.random_part import WaveForm

WAVE_FORMS: dict[WaveForm, str] = {
    "constant": N_("constant"),
    "part_by_wave": N_("a part by wave"),
    "variances_by_wave": N_("a variance for each wave and one correlation"),
    "autoregressive": N_("first-order autoregressive"),
    "autoregressive_variances": N_("first-order autoregressive with a variance for each wave"),
    "line": N_("a line over time"),
    "unstructured": N_("unstructured"),
}


def wave_form(form: WaveForm) -> str:
    """A form over waves, to stand in brackets or in a cell."""
    return _(WAVE_FORMS[form])


def residual_form(form: WaveForm) -> str:
    """A form over waves of the residual: of rows that nothing ties together."""
    return _("one variance for all waves") if form == "constant" else _("a variance for each wave")
