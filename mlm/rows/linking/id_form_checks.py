"""Files whose ids are written in another form than those of other files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from mlm.configuration.models import Configuration
from mlm.results.survey.account import WaveLedger
from mlm.results.survey.spellings import IdForms, WrittenOtherwise


def id_form_checks(
    configuration: Configuration, ledgers: Sequence[WaveLedger]
) -> Iterator[WrittenOtherwise]:
    """What was read as the same id, of all files; what was not, of the files of each wave.

    That units of other waves are spelled otherwise is seen from the units themselves; the units of
    two regional files of one wave are others, and the form of their ids is all there is to see.
    """
    for level in configuration.levels_with_ids:
        files = [
            (ledger.wave, forms)
            for ledger in ledgers
            for forms in ledger.id_forms
            if forms.level == level
        ]
        for how in ("decimals", "composed"):
            yield from _read_as_one(files, how)
        ignored = configuration.level(level).ignore
        for wave, group in itertools.groupby(files, key=lambda entry: entry[0]):
            of_wave = [forms for _, forms in group]
            if "zeros" not in ignored:
                yield from _without_zeros(wave, of_wave)
            if "case" not in ignored:
                yield from _in_other_letters(wave, of_wave)


def _read_as_one(files: Sequence[tuple[str, IdForms]], how: str) -> Iterator[WrittenOtherwise]:
    others = [forms for _, forms in files if not getattr(forms, how)]
    for wave, forms in files:
        rows = getattr(forms, how)
        beside = others[0].file if others else forms.file
        if rows and (others or rows < forms.rows):
            yield _check(wave, forms, how, rows, beside)


def _without_zeros(wave: str, files: Sequence[IdForms]) -> Iterator[WrittenOtherwise]:
    """Files with ids of fewer digits than the ids with zeros in front, all of one length, have."""
    full = [f for f in files if f.padded and len(f.digits) == 1]
    for forms in files:
        others = [f for f in full if not forms.padded and f.file != forms.file]
        if not others:
            continue
        width = others[0].digits[0].length
        rows = sum(entry.rows for entry in forms.digits if entry.length < width)
        if rows:
            yield _check(wave, forms, "zeros", rows, others[0].file)


def _in_other_letters(wave: str, files: Sequence[IdForms]) -> Iterator[WrittenOtherwise]:
    """Files whose ids have no capital letters where another one has nothing else."""
    capitals = [f for f in files if f.capitals and not f.small]
    for forms in files:
        if capitals and forms.small and not forms.capitals:
            yield _check(wave, forms, "case", forms.small, capitals[0].file)


def _check(wave: str, forms: IdForms, how: str, rows: int, beside: str) -> WrittenOtherwise:
    return WrittenOtherwise(
        result="warning",
        level=forms.level,
        wave=wave,
        file=forms.file,
        how=how,
        rows=rows,
        of=forms.rows,
        beside=beside,
    )
