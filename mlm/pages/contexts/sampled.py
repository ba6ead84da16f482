"""What the sections of a report on a sample with weights or plausible values read."""

from __future__ import annotations

from functools import cached_property

from mlm.pages.context import Context, ToldShare
from mlm.results.level import Level
from mlm.results.reading import At


class SampledContext(Context):
    """The inputs of a report whose ``results`` are a view of :class:`SampledResults`."""

    @property
    def settled(self) -> At:
        """The settled model, by pseudo-maximum likelihood."""
        return self.results.settled

    @property
    def level_shares(self) -> list[ToldShare]:
        """Shares of the levels in the variance of the null model."""
        shares = self.results.null.shares
        return [ToldShare(i.level.value, i.estimate, i.lower, i.upper) for i in shares]

    def spread_of(self, wave: str) -> At | None:
        """Weighted standard deviation of the outcome in a wave; None where it is not known."""
        found = self.results.weighted_moments.find(wave=wave)
        return None if found is None or not found.weighted_sd.value else found.weighted_sd

    @property
    def cluster_level(self) -> Level:
        """The level of the clusters; the outermost where they are none of the levels."""
        sample = self.results.sample
        ids = () if sample.missing else sample.clusters.ids.value
        return next((level for level in self.hierarchy if level.ids == ids), self.hierarchy[0])

    def spread_behind(self, effect: At) -> At | None:
        """Weighted standard deviation that an effect of a policy is told in; None: not known."""
        is_said = not effect.size.missing and not self.labels.is_in_sd
        return effect.size.weighted_sd if is_said else None

    @cached_property
    def hidden_groups(self) -> frozenset[str]:
        """Places of the groups of rows of which no mean or share may be shown."""
        from mlm.pages.disclosure.hidden_groups import hidden_groups

        return hidden_groups(self)

    def is_hidden(self, estimate: At) -> bool:
        """Whether an estimate of a group of rows may not be shown."""
        from mlm.pages.disclosure.groups_of_rows import rests_on_hidden_group

        return rests_on_hidden_group(f"{estimate.source}/estimate", self)

    @staticmethod
    def effects_in(results: At) -> list[At]:
        """Effects of single units, one a level at which they are told."""
        return [item for item in results.units if item.kind.value == "estimated"]
