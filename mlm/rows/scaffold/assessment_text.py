"""What a draft says of the sample of a programme of assessments: in full, and where it is from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlm.configuration.programmes.cycles import Entry
from mlm.configuration.programmes.programme import Domain
from mlm.rows.scaffold.assessment import PLURALS, Assessment
from mlm.rows.scaffold.codebook_text import DRAWN, Codebook
from mlm.rows.scaffold.ids import LikelyLevel
from mlm.rows.scaffold.yaml_text import mapping, quoted

WIDTH = 96
"""Characters of a line of a comment."""

MOST_UNREAD = 40
"""Further columns that a draft lists with their labels."""


@dataclass(frozen=True)
class AssessmentDraft:
    """Keys of the sample of files of a programme.

    Attributes
    ----------
    assessment : Assessment
        The programme and its files.
    levels : sequence of LikelyLevel
        Levels of the draft.
    """

    assessment: Assessment
    levels: Sequence[LikelyLevel]

    @property
    def columns(self) -> frozenset[str]:
        """Columns that are no variables."""
        return self.assessment.aside()

    @property
    def drawn(self) -> dict[str, tuple[str, ...]]:
        """Plausible values by the score that they are of."""
        cycles = self.assessment.cycles
        return {f"{DRAWN}{d.name}": cycles.family(d.name) for d in cycles.domains()}

    def remark(self) -> list[str]:
        """Which programme the files are of, and what they do not tell."""
        known = self.assessment
        text = f"Files of {known.cycles.title}, by the names of their columns"
        if known.others:
            others = ", ".join(p.title for p in known.others)
            text += (
                f" # ? or of {others}, whose columns are the same: correct what follows, or name "
                "the files so that they tell the cycle, as data_2018.sav,"
            )
        return _comment(f"{text}; docs/assessments.md says what is known of them.")

    def head(self) -> list[str]:
        """What the survey is and where it comes from, as far as the programme tells."""
        known = self.assessment
        units, files = PLURALS[known.programme.rows], [Path(f.name).name for f in known.files]
        what = f"{known.cycles.title}: {units} of its public-use files."
        source = f"{known.programme.name}: {', '.join(files)}."
        return [
            f"description: {quoted(what)} # ? of which country or region",
            f"source: {quoted(source)} # ? and under which terms they are used",
        ]

    def entries(self, codebook: Codebook) -> Iterator[str]:
        """Entries of the codebook of scores."""
        for domain in self.assessment.cycles.domains():
            yield from codebook.score(f"{DRAWN}{domain.name}", domain.label)

    def further(self) -> Iterator[str]:
        """Columns without an entry, as comments."""
        unread = self.assessment.unread()
        if unread:
            yield f"  # {len(unread)} further columns have no entry yet; write one for each used:"
        for column, label in list(unread.items())[:MOST_UNREAD]:
            yield f"  # {column}{f': {label}' if label else ''}"
        if len(unread) > MOST_UNREAD:
            yield f"  # and {len(unread) - MOST_UNREAD} more"

    def lines(self, codebook: Codebook) -> Iterator[str]:
        """Lines of the keys of the sample."""
        cycles = self.assessment.cycles
        yield from self._sampling()
        yield ""
        names = {d.name: codebook.names[f"{DRAWN}{d.name}"] for d in cycles.domains()}
        if names:
            yield "plausible_values: # each model is fitted to each of them; the fits are pooled"
            for domain in cycles.domains():
                yield f"  {names[domain.name]}: {_yaml(cycles.entries(domain.name))}"
                yield from self._fewer(domain)
            yield ""
        minima = cycles.minima()
        if minima:
            yield "minimum_proficiency: # the score from which a pupil is proficient"
            for name, score in minima.items():
                level = cycles.programme.domain(name).level
                yield f"  {names[name]}: {score:g} # {level} of {cycles.programme.name}"
            yield ""

    def _sampling(self) -> Iterator[str]:
        cycles = self.assessment.cycles
        yield f"sampling: # as {cycles.title} has it; columns that are named here are no terms"
        yield f"  {_programme(self.assessment, self.levels[:-1])}"
        yield "  weights:"
        for level in self.levels:
            kind = cycles.programme.rows if level is self.levels[-1] else level.name
            if (entry := cycles.weight(kind)) is not None:
                yield f"    {level.name}: {_yaml(entry)}"
        yield from self._without_weight()
        yield f"  weights_are: {cycles.programme.are}"
        yield "  scaling: effective # of the weights inside each unit; or size, none"
        yield from self._replicates()

    def _without_weight(self) -> Iterator[str]:
        """The mean weight of rows, where the units that they lie in have none."""
        cycles, above = self.assessment.cycles, self.levels[-2].name
        if cycles.weight(above) is not None:
            return
        column = cycles.programme.weights.get(above)
        units = PLURALS.get(above, f"{above}s")
        where = f"; {column} is in the file of {units}: merge it, if you can" if column else ""
        yield f"  school_weight: mean # ? these files have no weight of {units}{where}"

    def _replicates(self) -> Iterator[str]:
        cycles, found = self.assessment.cycles, self.assessment.cycles.replicates()
        known = cycles.ways[-1]
        if found is None or known is None:
            usual = cycles.programme.replications[0]
            yield (
                f"  # ? the replicates ({usual.names[0]} to {usual.names[-1]}) are not in these "
                "files: errors are found from the schools"
            )
            return
        yield f"  replicates: {_yaml(found)}"
        if cycles.has_both_ways:
            yield "  # ? both halves of each pair; the earlier cycles published errors of one"
        count = len(cycles.family("replicate"))
        if known.columns and count != known.count:
            yield f"  # ? {known.count} replicates are expected, {count} are in the files"
        yield "  standard_errors: replicates"

    def _fewer(self, domain: Domain) -> Iterator[str]:
        """That waves have other numbers of draws, which pair by their number."""
        cycles = self.assessment.cycles
        counts = sorted({len(p.domain(domain.name).draws) for p in cycles.programmes})
        if len(counts) > 1:
            yield (
                f"  # {' and '.join(map(str, counts))} in the cycles: the first "
                f"{len(cycles.family(domain.name))} of each, since they pair by their number"
            )


def _programme(assessment: Assessment, units: Sequence[LikelyLevel]) -> str:
    """The key ``programme``: the cycle is said where all waves are of one.

    It would fill replicates and weights of units that the files do not have.
    """
    known, cycles = assessment.programme, {p.cycle for p in assessment.cycles.programmes}
    if assessment.cycles.replicates() is None:
        return f"# programme: {known.title} # would fill replicates, which these files lack"
    lacking = [u.name for u in units if assessment.cycles.lacks_weight(u.name)]
    if lacking:
        lost = " and ".join(lacking)
        return f"# programme: {known.title} # would fill the weight of {lost}, which is not here"
    if len(cycles) == 1:
        return f"programme: {known.title} # fills what is left out below"
    grade = f" grade {known.grade}" if known.grade else ""
    return f"programme: {known.name}{grade} # in the cycle of each wave; fills what is left out"


def _yaml(entry: Entry) -> str:
    """An entry in one line."""
    if isinstance(entry, str | float):
        return quoted(entry) if isinstance(entry, str) else f"{entry:g}"
    if isinstance(entry, Mapping):
        return mapping({quoted(str(key)): _yaml(value) for key, value in entry.items()})
    return f"[{', '.join(map(_yaml, entry))}]"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ")
