"""Classes crossed with followed pupils, of whom some change school: time and memory of one fit.

    python benchmarks/crossed_classes.py [COUNTIES]

Every county has 20 schools of 10 classes of 25 pupils, seen in two waves; each wave makes new
classes; 5 % of the pupils are in another school of their county in the second wave. Simulated.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from measured_fit import measured_fit

SCHOOLS, CLASSES, PUPILS, MOVING = 20, 10, 25, 0.05
FORMULA = "y ~ x + wave + (1 | county) + (1 | school) + (1 | class) + (1 | pupil)"
SDS = {"county": 0.2, "school": 0.3, "class": 0.3, "pupil": 0.7}


def rows(counties: int, rng: np.random.Generator) -> pd.DataFrame:
    """Two rows a pupil."""
    per_county = SCHOOLS * CLASSES
    home = np.repeat(np.arange(counties * per_county), PUPILS)
    elsewhere = home // per_county * per_county + rng.integers(per_county, size=home.size)
    later = np.where(rng.random(home.size) < MOVING, elsewhere, home)
    room = np.concatenate([home, later])
    wave = np.repeat([0, 1], home.size)
    ids = {
        "county": room // per_county,
        "school": room // CLASSES,
        "class": 2 * room + wave,
        "pupil": np.tile(np.arange(home.size), 2),
    }
    frame = pd.DataFrame(ids).assign(wave=wave, x=rng.normal(size=wave.size))
    frame["y"] = 0.3 * frame["x"] + 0.2 * wave + rng.normal(size=wave.size)
    for name, sd in SDS.items():
        frame["y"] += sd * rng.normal(size=frame[name].max() + 1)[frame[name]]
    return frame.astype(dict.fromkeys(ids, str))


def main() -> None:
    """Print what one fit takes."""
    frame = rows(int(sys.argv[1]) if len(sys.argv) > 1 else 100, np.random.default_rng(1))
    fit = measured_fit(FORMULA, frame)
    print(fit.variance_components)


if __name__ == "__main__":
    main()
