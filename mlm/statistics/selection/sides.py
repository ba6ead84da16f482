"""On which side of a limit a deviance ends, told before its descent is over."""

from __future__ import annotations

from mlm.statistics.selection.submodels import MARGIN, NEWTON_DOUBT


class SidesOfLimit:
    """Whether a deviance on its way down is surely on one side of a limit, and of its margin.

    Parameters
    ----------
    limit, margin : float
        Deviance, and how far from it on either side.
    doubt : float
        Factor by which a foretold fall may be wrong.

    Attributes
    ----------
    lower : float or None
        What the deviance does not pass, on its side of the limit, once it is sure.
    """

    def __init__(self, limit: float, margin: float, doubt: float = NEWTON_DOUBT):
        self._least, self._most, self._doubt = limit - margin, limit + margin, doubt
        self.lower: float | None = None

    def __call__(self, deviance: float, fall: float) -> bool:
        """From a deviance, and by how much it may yet fall."""
        least = deviance - self._doubt * fall - MARGIN
        if deviance <= self._least:
            self.lower = deviance
        elif least > self._most:
            self.lower = least
        return self.lower is not None
