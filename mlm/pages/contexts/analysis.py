"""What the sections of a report on rows that count alike read."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.pages.context import Context, ToldShare
from mlm.results.reading import At


@dataclass(frozen=True)
class AnalysisContext(Context):
    """The inputs of a report whose ``results`` are a view of :class:`AnalysisResults`.

    ``residuals`` is a view of :class:`Residuals`, missing where rows were not read again.
    """

    residuals: At

    @property
    def views(self) -> tuple[At, ...]:
        """The inputs."""
        return (*super().views, self.residuals)

    @property
    def settled(self) -> At:
        """The settled model, under REML."""
        return self.results.settled.reml

    @property
    def level_shares(self) -> list[ToldShare]:
        """Shares of the levels in the variance of the null model, of those that are known."""
        found = [item for item in self.results.null.shares if not item.share.missing]
        return [ToldShare(i.level.value, i.share, i.lower, i.upper) for i in found]

    def spread_of(self, wave: str) -> At | None:
        """Standard deviation of the outcome over the rows of a wave; None where not known."""
        found = self.results.waves.find(wave=wave)
        return None if found is None or not found.sd.value else found.sd

    def spread_behind(self, effect: At) -> At | None:
        """Standard deviation in which an effect of a policy is told; None where not known."""
        is_said = not effect.size.missing and not self.labels.is_in_sd
        return effect.size.sd if is_said else None

    @staticmethod
    def effects_in(results: At) -> list[At]:
        """Effects of single units, one a level at which they are told."""
        return list(results.effects)
