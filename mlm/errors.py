"""Errors and warnings of the package: the base of the import order, known to every room.

A message says what is wrong, where (file, wave, column, count, first cases), what was expected and
what to do. ``MLMError`` means that data, configuration or claim are at fault: commands print its
text alone and end with exit code 2; ``FilesError``, with 3, that a made file or the machine is. Any
other exception is a fault of this package.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

EXIT_CODE = 2
FILES_EXIT_CODE = 3

Ending = Literal["data", "machine", "memory", "fault"]
"""Whose fault it is that a job ends without its outputs: data, configuration or claim; the machine
or a file that was made earlier; want of memory; this package."""

EXIT_CODES: dict[Ending, int] = {
    "data": EXIT_CODE,
    "machine": FILES_EXIT_CODE,
    "memory": FILES_EXIT_CODE,
    "fault": 1,
}

NotImputableKind = Literal["no_level", "no_value", "few_units", "many_variables"]
"""Why no joint model of missing values can be made."""

FIRST_CASES = 3
"""Number of cases that a message names."""

LONGEST_NAME = 80
"""Characters of a name or a cell that a message repeats."""

LONGEST_PROBLEM = 2000
"""Characters of one message."""

MOST_PROBLEMS = 50
"""Problems that are told at once; the others are counted."""


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """Same text, or its beginning and its length where it is longer."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}... ({len(text):,} characters)"


def quoted(text: str) -> str:
    """Text as it was written, in quotation marks, of any length and with any characters."""
    if len(text) <= LONGEST_NAME:
        return repr(text)
    return f"{text[:LONGEST_NAME]!r}... ({len(text):,} characters)"


def listed(names: Iterable[object], most: int = FIRST_CASES) -> str:
    """The first of some names and the number of the others.

    Examples
    --------
    >>> listed(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    known = [str(name) for name in names]
    text = ", ".join(shortened(name) for name in known[:most])
    return text + and_more(len(known) - most)


def and_more(others: int) -> str:
    """Text ' and 3 more' after the first of some cases; none where these are all."""
    return f" and {others:,} more" if others > 0 else ""


class MLMError(Exception):
    """Base of all errors that a user can put right."""

    exit_code = EXIT_CODE

    def __str__(self) -> str:
        return shortened(super().__str__(), LONGEST_PROBLEM)


class ProblemsError(MLMError):
    """Holds every problem found, not only the first.

    Parameters
    ----------
    problems : str or sequence of str
        One complete message for each problem.
    """

    def __init__(self, problems: str | Sequence[str]):
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        told = [shortened(problem, LONGEST_PROBLEM) for problem in self.problems[:MOST_PROBLEMS]]
        if len(self.problems) == 1:
            return told[0]
        lines = [f"{i}. {problem}" for i, problem in enumerate(told, start=1)]
        if len(self.problems) > MOST_PROBLEMS:
            lines.append(f"and {len(self.problems) - MOST_PROBLEMS:,} more; solve these first")
        return "\n".join([f"{len(self.problems)} problems:", *lines])


class SurveyError(ProblemsError):
    """Rows or files break the contract of a survey."""


class SamplingFault(str):
    """A problem of a sampling design: its text, and its kind for those who ask.

    Parameters
    ----------
    kind : str
        Such as ``lighter_than_unit``.
    text : str
        What is wrong, where, what was expected and what to do.
    """

    kind: str

    def __new__(cls, kind: str, text: str) -> SamplingFault:
        """The text of a problem that knows its kind."""
        made = super().__new__(cls, text)
        made.kind = kind
        return made


class SamplingError(SurveyError):
    """Sampling weights, clusters or strata are not those of the design; ``kinds`` say which."""

    @property
    def kinds(self) -> list[str]:
        """Kind of each problem."""
        return [problem.kind for problem in self.problems if isinstance(problem, SamplingFault)]


class ConfigurationError(SurveyError):
    """The configuration file is malformed, or names what does not exist."""


class FilesError(ProblemsError):
    """A file that a stage made is not what it made, or the machine has no room or right for one.

    Neither the data nor this package are at fault: files are deleted or room is made, and the same
    command goes on.
    """

    exit_code = FILES_EXIT_CODE


class ModelError(MLMError):
    """The claim is malformed or cannot be identified from the columns at hand."""


class NotImputable(ModelError):
    """No joint model of missing values can be made of what is there.

    Parameters
    ----------
    kind : str
        ``no_level``, ``no_value``, ``few_units`` or ``many_variables``.
    text : str
        What is wrong, where, what was expected and what to do.
    """

    def __init__(self, kind: NotImputableKind, text: str):
        self.kind = kind
        super().__init__(text)


class CrossedLevels(ModelError):
    """Levels that have to lie inside each other do not."""


class StatisticsError(MLMError):
    """Two statistics cannot be added or compared."""


class NotPooled(StatisticsError, AttributeError):
    """What does not exist for several fits together, or fits that cannot be taken together."""


class DifferentImputations(StatisticsError):
    """Completed data sets that are not imputations of the same rows."""


class FitError(MLMError):
    """No usable optimum was found."""


class NotUnderWeights(StatisticsError):
    """Something that has no meaning for a fit with sampling weights.

    Parameters
    ----------
    what : str
        What was asked for.
    why : str
        Why it has no meaning.
    instead : str
        What takes its place.
    """

    kind = "sampling_weights"

    def __init__(self, what: str, why: str, instead: str):
        self.what = what
        super().__init__(f"{what} under sampling weights: {why} {instead}")


class ResultError(MLMError):
    """A stored result does not match its schema."""

    exit_code = FILES_EXIT_CODE


class SingularFit(UserWarning):
    """A variance is estimated at zero, or a correlation at plus or minus one."""


class EffectsLeftOut(UserWarning):
    """Fixed effects that the others determine are left out."""


class WeaklyIdentified(UserWarning):
    """A variance that the data can hardly tell from the others."""


class WeightsInSmallGroups(UserWarning):
    """Weights of rows differ inside small groups, whose variance no scaling then tells well."""


class NotConverged(UserWarning):
    """The optimum could not be certified, or chains of draws do not agree."""


class SurveyDoubt(UserWarning):
    """Something in a survey that should be looked at before its results are believed."""


class LeftOutAllTheSame(UserWarning):
    """Rows that lack a covariate are left out though they are many: what they lack is not drawn."""


class SpelledOtherwiseInFit(UserWarning):
    """Groups are unknown to a fit that has them in another spelling."""


class LonePairs(UserWarning):
    """Pairs of clusters of which the rows at hand have one half."""


class NotComparable(UserWarning):
    """Criteria of fits are set side by side that measure different things."""
