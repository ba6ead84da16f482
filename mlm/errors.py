"""Errors and warnings of the package: the base of the import order, known to every room.

A message says what is wrong, where (file, wave, column, count, first cases), what was expected and
what to do. ``MLMError`` means that data, configuration or claim are at fault: commands print its
text alone and end with exit code 2. Any other exception is a fault of this package.
"""

from __future__ import annotations

from collections.abc import Sequence

EXIT_CODE = 2


class MLMError(Exception):
    """Base of all errors that a user can put right."""


class SurveyError(MLMError):
    """Rows or files break the contract of a survey; holds every problem found, not only the first.

    Parameters
    ----------
    problems : str or sequence of str
        One complete message for each problem.
    """

    def __init__(self, problems: str | Sequence[str]):
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__(self._text())

    def _text(self) -> str:
        if len(self.problems) == 1:
            return self.problems[0]
        lines = [f"{i}. {problem}" for i, problem in enumerate(self.problems, start=1)]
        return "\n".join([f"{len(self.problems)} problems:", *lines])


class ConfigurationError(SurveyError):
    """The configuration file is malformed, or names what does not exist."""


class ModelError(MLMError):
    """The claim is malformed or cannot be identified from the columns at hand."""


class StatisticsError(MLMError):
    """Two statistics cannot be added or compared."""


class FitError(MLMError):
    """No usable optimum was found."""


class ResultError(MLMError):
    """A stored result does not match its schema."""


class SingularFit(UserWarning):
    """A variance is estimated at zero, or a correlation at plus or minus one."""


class NotConverged(UserWarning):
    """The optimum could not be certified."""


class NotComparable(UserWarning):
    """Criteria of fits are set side by side that measure different things."""
