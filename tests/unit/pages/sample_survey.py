"""The linked survey of the sample: rows read are rows kept plus excluded."""

from __future__ import annotations


def variables(read: int) -> dict:
    return {
        "math": {"n": read - 305, "mean": 485.4, "sd": 47.7},
        "class_type": {"n": read - 5, "counts": {"reg": 4000, "small": read - 4005}},
        "ses": {"n": read - 25, "counts": {"F": 3000, "N": read - 3025}},
        "experience": {"n": read - 5, "mean": 9.3, "sd": 5.6},
    }


def roles(rows: int) -> dict:
    weight = {"n": rows, "missing": 0, "zero": 0, "sum": 1.0 * rows, "effective_n": 0.8 * rows}
    values = {"values": ["pv1", "pv2"], "all": rows - 40, "some": 15, "none": 25}
    return {"weights": {"experience": weight}, "plausible_values": {"mathematics": values}}


def hierarchy() -> list[dict]:
    def sizes(mean: float, quantiles: list[float], one: int, balance: float) -> dict:
        return {"mean": mean, "quantiles": quantiles, "one": one, "balance": balance}

    pupils = sizes(123.1, [40.0, 60.0, 90.0, 120.0, 150.0, 200.0, 300.0], 0, 0.89)
    rows = sizes(235.4, [50.0, 90.0, 170.0, 230.0, 290.0, 400.0, 600.0], 0, 0.83)
    occasions = sizes(1.9, [1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0], 3500, 0.78)
    return [
        {
            "level": "school",
            "group": "school",
            "groups": 80,
            "child": "pupil",
            "children": pupils,
            "rows": rows,
        },
        {
            "level": "pupil",
            "group": "school:pupil",
            "groups": 9850,
            "child": "occasion",
            "children": occasions,
            "rows": occasions,
        },
        {"level": "occasion", "group": "residual", "groups": 18830},
    ]


def survey():
    return {
        "survey": "sample",
        "design": "same_pupils",
        "waves": [
            {
                "wave": wave,
                "files": [
                    {"file": f"data/wave_{wave}.csv", "sha256": "ab" * 32, "rows_read": read}
                ],
                "rows_read": read,
                "rows_kept": read - 5,
                "excluded": [{"reason": "no pupil id", "rows": 5, "first": [3, 9, 12]}],
                "missing": [
                    {"variable": "math", "cells": 300, "reason": "not recorded"},
                    {"variable": "ses", "cells": 20, "reason": "not recorded"},
                ],
                "groups": {"school": 79, "pupil": read - 5},
                "variables": variables(read),
                "empty_groups": [{"variable": "math", "level": "school", "groups": 12}],
                "labels": {"ses": {"F": "FREE LUNCH", "N": "NON-FREE LUNCH"}},
                "roles": roles(read - 5),
            }
            for wave, read in [("K", 6115), ("1", 6415), ("2", 6315)]
        ],
        "levels": [
            {
                "name": "school",
                "groups_total": 80,
                "groups_by_wave": {"K": 79, "1": 76, "2": 75},
                "recurring": True,
                "distinct": 80,
                "in_waves": {"1": 5, "2": 1, "3": 74},
            },
            {
                "name": "pupil",
                "groups_total": 9850,
                "groups_by_wave": {"K": 6110, "1": 6410, "2": 6310},
                "recurring": True,
                "distinct": 9850,
                "in_waves": {"1": 3500, "2": 3720, "3": 2630},
            },
        ],
        "unit_changes": [{"level": "pupil", "parent": "school", "count": 367, "of": 9850}],
        "children": {
            "school": {
                "child": "pupil",
                "by_wave": {
                    wave: {
                        "groups": groups,
                        "min": 34,
                        "median": 80.0,
                        "mean": 84.2,
                        "max": 160,
                        "one_child": 0,
                    }
                    for wave, groups in [("K", 79), ("1", 76), ("2", 75)]
                },
            }
        },
        "hierarchy": hierarchy(),
        "identifiability": [
            {
                "kind": "codes_reused",
                "severity": "note",
                "level": "pupil",
                "detail": "told in English",
                "codes": 30,
                "units": 60,
            }
        ],
        "attrition_by": [
            {
                "level": "pupil",
                "from": "K",
                "to": "1",
                "variable": "ses",
                "category": category,
                "stay": stay,
                "leave": leave,
            }
            for category, stay, leave in [("F", 2000, 1210), ("N", 2180, 689), (None, 20, 11)]
        ],
        "attrition": [
            {
                "level": "pupil",
                "from": "K",
                "to": "1",
                "stay": 4200,
                "leave": 1910,
                "new": 2210,
                "moved": 190,
            },
            {
                "level": "pupil",
                "from": "1",
                "to": "2",
                "stay": 4700,
                "leave": 1710,
                "new": 1610,
                "moved": 177,
            },
        ],
        "checks": [
            {
                "check": "school recurs",
                "result": "ok",
                "detail": "74 of 79 schools of wave K are found in wave 1 (which has 76)",
            }
        ],
    }
