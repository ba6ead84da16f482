"""The account of a survey of which nothing is told: what analyses of made rows are given."""

from __future__ import annotations

from mlm.results.survey.survey import RowTotals, SurveyAccount

EMPTY = SurveyAccount(
    survey="small",
    design="same_schools",
    rows=RowTotals(read=0, kept=0, excluded=0),
    **dict.fromkeys(
        (
            "waves",
            "levels",
            "children",
            "unit_changes",
            "crossed_units",
            "attrition",
            "attrition_by",
            "groups_in_waves",
            "groups_followed",
            "product_cells",
            "units_that_left",
            "missingness",
            "missing_covariates",
            "hierarchy",
            "separability",
            "checks",
        ),
        (),
    ),
)
