"""One program, one survey, one model, in a process of its own; prints one line of JSON.

    python benchmarks/fit_one.py PROGRAM L.parquet '{"fixed": ["x1"], "random": {"school": []}}' 20

CPU seconds are those of reading and of fitting, without imports: the least of several repeats,
for which the last argument gives the seconds.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping

Model = Mapping  # {"fixed": [terms], "random": {group: [slopes]}}


def formula(model: Model, random: bool = True) -> str:
    """The lme4 formula of a model."""
    terms = model["fixed"] or ["1"]
    if random:
        terms = terms + [f"({' + '.join(['1', *s])} | {g})" for g, s in model["random"].items()]
    return "y ~ " + " + ".join(terms)


def columns(model: Model) -> list[str]:
    """Columns that a model needs, the response first."""
    names = ["y", *(v for term in model["fixed"] for v in term.split(":"))]
    for group, slopes in model["random"].items():
        names += [*group.split(":"), *slopes]
    return list(dict.fromkeys(names))


def with_pandas(path: str, model: Model):
    """The rows as a data frame, with a column for each product of ids."""
    import pandas as pd

    frame = pd.read_parquet(path, columns=columns(model))
    for group in model["random"]:
        if ":" in group:
            a, b = group.split(":")
            frame[group.replace(":", "_")] = frame[a].astype("int64") * 10 + frame[b].astype(
                "int64"
            )
    return frame


def flat(model: Model) -> Model:
    """The model with products of ids named as the columns that hold them."""
    return {**model, "random": {g.replace(":", "_"): s for g, s in model["random"].items()}}


def mlm_path(path: str, model: Model):
    """This package, straight from the file: the pass is its reading."""
    from mlm.nouns.formula import parse_formula
    from mlm.rows.accumulating.model_statistics import statistics_of

    return statistics_of(parse_formula(formula(model)), path)


def mlm_fit(stats, model: Model) -> float:
    """This package, from cross-products."""
    import mlm

    return mlm.fit(formula(model), stats, criterion="ML").deviance


def mlm_reduce(stats, model: Model) -> float:
    """Backward elimination down to the last term."""
    import mlm

    return float(len(mlm.reduce(formula(model), stats).path) - 1)


def mixedlm_fit(frame, model: Model) -> float:
    """mixedlm (Rust)."""
    import mixedlm

    return float(mixedlm.lmer(formula(flat(model)), frame, REML=False).deviance)


def lme_python_read(path: str, model: Model):
    """The rows as a polars frame; ids as text, or they would be numbers."""
    import polars as pl

    frame = pl.read_parquet(path, columns=columns(model))
    for group in model["random"]:
        parts = [pl.col(name).cast(pl.Int64).cast(pl.String) for name in group.split(":")]
        frame = frame.with_columns(
            pl.concat_str(parts, separator="_").alias(group.replace(":", "_"))
        )
    return frame


def lme_python_fit(frame, model: Model) -> float:
    """lme-python (Rust)."""
    import lme_python

    return -2.0 * lme_python.lmer(formula(flat(model)), data=frame, reml=False).log_likelihood


def glmm_fit(frame, model: Model) -> float:
    """glmm (Rust), without its tables of tests."""
    import glmm

    model = flat(model)
    frame = frame.assign(**{g: frame[g].astype("category") for g in model["random"]})
    quick = {"wald_se": "rx", "satterthwaite": False, "anova_test": "Wald"}
    return -2.0 * float(glmm.fit(frame, formula(model), reml=False, **quick).loglik)


def statsmodels_fit(frame, model: Model) -> float:
    """statsmodels: inner factors are variance components of the outermost."""
    import statsmodels.formula.api as smf

    (outer, slopes), *inner = flat(model)["random"].items()
    if any(s for _, s in inner):
        raise NotImplementedError("slopes over the outermost factor only")
    more = {"vc_formula": {g: f"0 + C({g})" for g, _ in inner}} if inner else {}
    text = formula(model, random=False)
    over = "1" + "".join(f" + {s}" for s in slopes)
    return (
        -2.0 * smf.mixedlm(text, frame, groups=outer, re_formula=over, **more).fit(reml=False).llf
    )


# program -> modules to import first, reading, fitting
PROGRAMS: dict[str, tuple[list[str], Callable, Callable]] = {
    "mlm": (
        [
            "mlm.front.fitting",
            "mlm.rows.accumulating.parquet_source",
            "mlm.statistics.fitting.solution",
        ],
        mlm_path,
        mlm_fit,
    ),
    "mlm-reduce": (
        ["mlm.front.fitting", "mlm.rows.accumulating.parquet_source"],
        mlm_path,
        mlm_reduce,
    ),
    "mixedlm": (["mixedlm"], with_pandas, mixedlm_fit),
    "lme-python": (["lme_python", "polars"], lme_python_read, lme_python_fit),
    "glmm": (["glmm"], with_pandas, glmm_fit),
    "statsmodels": (["statsmodels.formula.api"], with_pandas, statsmodels_fit),
}
SHARED = ["pandas", "pyarrow.parquet", "pyarrow.dataset", "scipy.optimize", "scipy.sparse.linalg"]


def measured(program: str, path: str, model: Model, seconds: float) -> dict:
    """CPU seconds of reading and fitting, repeated as long as the time allows (at most five)."""
    _, read, fit = PROGRAMS[program]
    reading, fitting = [], []
    begun = time.monotonic()
    while len(reading) < 5:
        start = time.process_time()
        rows = read(path, model)
        middle = time.process_time()
        value = fit(rows, model)
        fitting.append(time.process_time() - middle)
        reading.append(middle - start)
        del rows
        if (time.monotonic() - begun) * (1 + 1 / len(reading)) > seconds:
            break
    return {
        "read": min(reading),
        "fit": min(fitting),
        "both": min(r + f for r, f in zip(reading, fitting, strict=True)),
        "first": reading[0] + fitting[0],
        "value": value,
        "repeats": len(reading),
        "peak": peak_mb(),
    }


def peak_mb() -> float:
    """Most memory that this program held; the peak of a process begins at that of its parent."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def main() -> None:
    """Measure what the command line names."""
    program, path, model, seconds = sys.argv[1:5]
    warnings.simplefilter("ignore")
    out = {"program": program}
    try:
        for name in [*PROGRAMS[program][0], *SHARED]:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        out |= measured(program, path, json.loads(model), float(seconds))
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            out["version"] = importlib.metadata.version(program)
    except Exception as error:  # a refusal of a program is a result
        out["error"] = f"{type(error).__name__}: {str(error)[:200]}"
    print("\n" + json.dumps(out), flush=True)
    os._exit(0)  # threads of some programs do not end


if __name__ == "__main__":
    main()
