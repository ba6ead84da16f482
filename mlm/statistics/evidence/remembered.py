"""What samples remember, the fits of models to them, while answers are worked out side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from mlm.nouns.machine.side_by_side import side_by_side
from mlm.statistics.evidence.crossproducts import CrossProducts

Answer = TypeVar("Answer")


class Remembered(NamedTuple):
    """What a sample remembers: fits, and random parts whose parameters were told apart."""

    fits: dict
    told: dict[object, list]

    @classmethod
    def of(cls, stats: CrossProducts) -> Remembered:
        """What it remembers now."""
        return cls(stats.fits.copy(), {parts: list(own) for parts, own in stats.told.items()})

    def since(self, before: Remembered) -> Remembered:
        """What was not remembered before."""
        told = {parts: own[len(before.told.get(parts, ())) :] for parts, own in self.told.items()}
        fits = {key: fit for key, fit in self.fits.items() if before.fits.get(key) is not fit}
        return Remembered(fits, told)

    def restore(self, stats: CrossProducts) -> None:
        """Let a sample remember this, and nothing else."""
        for kept, own in ((stats.fits, self.fits), (stats.told, self.told)):
            kept.clear()
            kept.update(own)

    def add(self, stats: CrossProducts) -> None:
        """Let a sample remember this too."""
        stats.fits.update(self.fits)
        for parts, own in self.told.items():
            stats.told.setdefault(parts, []).extend(own)


def answered(
    samples: Sequence[CrossProducts],
    tasks: Sequence[Callable[[], Answer]],
    shared: Sequence[object] = (),
) -> list[Answer]:
    """Answers of tasks that fit models to some samples and do not hang on each other.

    Each begins with the fits that the samples remember now, in whatever process and order they are
    done. Afterwards these remember the fits of all.

    Parameters
    ----------
    samples : sequence of CrossProducts
        To which models are fitted; one may be there several times.
    tasks : sequence of callable
        As ``side_by_side`` takes them.
    shared : sequence of object
        What answers may refer to beside the samples.
    """
    samples = list({id(stats): stats for stats in samples}.values())
    apart, answers = [partial(_apart, samples, task) for task in tasks], []
    for answer, learned in side_by_side(apart, [*samples, *shared]):
        for stats, own in zip(samples, learned, strict=True):
            own.add(stats)
        answers.append(answer)
    return answers


def answered_by_name(
    samples: Sequence[CrossProducts], tasks: Mapping[str, Callable[[], Answer]]
) -> dict[str, Answer]:
    """The same of tasks that have names."""
    return dict(zip(tasks, answered(samples, list(tasks.values())), strict=True))


def _apart(
    samples: Sequence[CrossProducts], task: Callable[[], Answer]
) -> tuple[Answer, list[Remembered]]:
    """The answer of a task, and what each sample would remember since."""
    before = [Remembered.of(stats) for stats in samples]
    try:
        answer = task()
        pairs = zip(samples, before, strict=True)
        return answer, [Remembered.of(stats).since(known) for stats, known in pairs]
    finally:
        for stats, known in zip(samples, before, strict=True):
            known.restore(stats)
