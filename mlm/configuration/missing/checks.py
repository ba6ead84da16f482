"""Checks of what is said about missing values."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.checks_files import not_a_file
from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest, parse_term
from mlm.errors import listed, quoted
from mlm.nouns.fewest import FEWEST_IMPUTATIONS

Problem = tuple[KeyPath, str]

_KEYS_OF = {
    "joint": ("draws", "auxiliary", "iterations", "shift"),
    "files": ("draws", "files", "column", "row"),
    "complete": (),
}
"""Keys that each method uses, beside its name."""


def missing_problems(configuration: Configuration) -> Iterator[Problem]:
    """All problems of the key ``missing``, with the key path of each."""
    yield from _method(configuration)
    yield from _auxiliary(configuration)
    for name in configuration.missing.shift:
        yield from _shift(configuration, name)
    if configuration.has_imputed_files:
        yield from _files(configuration)
        yield from _not_of_files(configuration)


def _method(configuration: Configuration) -> Iterator[Problem]:
    """A method that is not there, that others would do, or keys of another one."""
    entry = configuration.missing
    where = ("missing", "method")
    if configuration.is_imputed and configuration.is_sampled:
        yield (
            where,
            f"{entry.method} is for surveys whose rows count alike; under sampling weights or "
            "plausible values rows that lack a covariate are left out: write complete",
        )
    if entry.method is None and entry.model_fields_set:
        yield ("missing",), "say which method: joint, files or complete"
        return
    for key in sorted(entry.model_fields_set - {"method", *_KEYS_OF.get(entry.method, ())}):
        users = [name for name, keys in _KEYS_OF.items() if key in keys]
        yield (
            ("missing", key),
            f"{key!r} is of method {' or '.join(users)}, not of {entry.method}; remove it",
        )


def _used(configuration: Configuration) -> set[str]:
    """Variables of the terms of any analysis."""
    found: set[str] = set()
    for analysis in configuration.analyses.values():
        for text in analysis.terms:
            try:
                found.update(parse_term(text).variables)
            except ValueError:
                continue
    return found


def _auxiliary(configuration: Configuration) -> Iterator[Problem]:
    known, seen = configuration.variables, set()
    for i, name in enumerate(configuration.missing.auxiliary):
        where = ("missing", "auxiliary", i)
        if name not in known:
            yield where, f"{name!r} is not a variable; {nearest(name, known)}"
        elif name in seen:
            yield where, f"{name!r} is listed twice; list a variable once"
        elif name in configuration.plausible_values:
            yield (
                where,
                f"{name!r} is known by plausible values, one for each draw; name variables that "
                "have one value in a row",
            )
        seen.add(name)


def _shift(configuration: Configuration, name: str) -> Iterator[Problem]:
    """A shift of what is not imputed, or has no amounts."""
    where, variable = ("missing", "shift", name), configuration.variables.get(name)
    outcomes = {analysis.outcome for analysis in configuration.analyses.values()}
    used = {*_used(configuration), *configuration.missing.auxiliary}
    if variable is None:
        yield where, f"{name!r} is not a variable; {nearest(name, configuration.variables)}"
    elif variable.is_category:
        yield (
            where,
            f"{name!r} is a category, which has no amount to be shifted by; shift numbers alone",
        )
    elif not variable.is_read:
        yield (
            where,
            f"{name!r} is computed from other variables; shift those that stand in the files",
        )
    elif name in outcomes - used:
        yield where, f"{name!r} is the outcome; only covariates are imputed"
    elif name not in used:
        yield (
            where,
            f"{name!r} is a term of no analysis and not auxiliary, so that it is not imputed; "
            f"{nearest(name, sorted(used))}",
        )


def _files(configuration: Configuration) -> Iterator[Problem]:
    """Imputed files that are no files, are of some waves only, or are too few."""
    entry, waves = configuration.missing, configuration.wave_names
    if not entry.files and entry.column is None:
        yield (
            ("missing",),
            "method files needs the files with the imputations of each wave (files: "
            f"{{{waves[0]}: 'imputed{{1..20}}.csv'}}), or the column that numbers those of the "
            "waves' own files (column: .imp)",
        )
        return
    if entry.column is not None and entry.draws is None:
        yield (
            ("missing",),
            f"say how many imputations {quoted(entry.column)} numbers, apart from the observed "
            "rows: draws: 20",
        )
    yield from _waves_of_files(configuration)
    yield from _names_of_files(configuration)
    if entry.column is None:
        yield from _numbers_of_files(configuration)
    elif entry.column == entry.row:
        yield ("missing", "row"), "the same column numbers imputations ('column') and rows"


def _not_of_files(configuration: Configuration) -> Iterator[Problem]:
    """What cannot be completed wave by wave, from files."""
    where = ("missing", "method")
    if configuration.simulate is not None:
        yield where, "the waves of a simulated survey are drawn, and have no imputed files"
    over = [name for name, entry in configuration.variables.items() if entry.is_over_waves]
    if over:
        yield (
            ("variables", over[0], "aggregate"),
            "a statistic of all waves would need the imputations of every wave at once; compute it "
            "in the files, in each imputation, or write waves: each",
        )
    outcomes = {analysis.outcome: name for name, analysis in configuration.analyses.items()}
    for name in sorted(_used(configuration) & outcomes.keys()):
        yield (
            where,
            f"{name!r} is the outcome of {outcomes[name]} and a term of another analysis: outcomes "
            "stay as observed, terms are imputed; read the column twice, under two names",
        )


def _waves_of_files(configuration: Configuration) -> Iterator[Problem]:
    """Files without a wave, and waves without files."""
    files, waves = configuration.missing.files, configuration.wave_names
    where = ("missing", "files")
    if not isinstance(files, dict):
        if len(waves) > 1:
            yield where, f"say of which wave these files are: {{{waves[0]}: [...], ...}}"
        return
    for wave in files:
        if wave not in waves:
            yield (*where, wave), f"{wave!r} is not a wave; {nearest(wave, waves)}"
    without = [wave for wave in waves if wave not in files]
    if files and without:
        yield (
            where,
            f"no imputed files of {listed(without)}, but of "
            f"{listed(wave for wave in waves if wave in files)}; give those of every wave",
        )


def _names_of_files(configuration: Configuration) -> Iterator[Problem]:
    """Names that no file can have, or that are given twice."""
    own = {name for wave in configuration.waves for name in wave.files}
    seen: set[str] = set()
    for wave in configuration.wave_names:
        for i, name in enumerate(configuration.imputed_names(wave)):
            is_by_wave = isinstance(configuration.missing.files, dict)
            where = ("missing", "files", *((wave,) if is_by_wave else ()), i)
            if reason := not_a_file(name):
                yield where, f"{quoted(name)}: {reason}"
            elif name in seen:
                yield where, f"{quoted(name)} is listed before; each imputation has its own file"
            elif name in own:
                yield where, f"{quoted(name)} is a file of the waves; imputations are other files"
            seen.add(name)


def _numbers_of_files(configuration: Configuration) -> Iterator[Problem]:
    """As many files in each wave, two at least, and as many as are announced."""
    where, waves = ("missing", "files"), configuration.wave_names
    counts = {wave: len(configuration.imputed_names(wave)) for wave in waves}
    given = {wave: n for wave, n in counts.items() if n}
    if not given:
        return
    if len(set(given.values())) > 1:
        told = ", ".join(f"{wave} {n}" for wave, n in given.items())
        yield (
            where,
            f"imputations pair by their number over the waves, and these have {told}; give as many "
            "files of each wave, one an imputation, or say which 'column' numbers them",
        )
        return
    n = next(iter(given.values()))
    if n < FEWEST_IMPUTATIONS:
        yield (
            where,
            f"one file, which is one imputation; expected {FEWEST_IMPUTATIONS} or more, whose "
            "spread tells how uncertain the missing values are. Is it a stacked file? Then say "
            "which 'column' numbers the imputations",
        )
    draws = configuration.missing.draws
    if draws is not None and draws != n:
        yield ("missing", "draws"), f"{n} files a wave are {n} imputations, not {draws}; remove it"
