"""What is true of a made-up survey: the counts that reports should not give away."""

from __future__ import annotations

from collections.abc import Collection, Hashable

from tests.attack.surveys import Row, Survey

WAVES = {"Year A": "a", "Year B": "b"}
REASONS = {"Score": "score", "Home": "ses"}
LABELS = {"English": "en", "German": "de", "Zulu": "zz", "Public": "public", "Private": "private"}
ANALYSES = ("plain", "full")


class Truth:
    """Counts of the rows of a survey by the names that the attack gives them.

    Analyses that are imputed use all rows with a score.
    """

    def __init__(self, survey: Survey, rows: list[Row], imputed: Collection[str] = ()):
        self.imputed = imputed
        self.recurs = survey.design == "same_pupils"
        self.rows = {label: [r for r in rows if r.wave == w] for label, w in WAVES.items()}

    def persons(self, key: Hashable) -> int | None:
        """Persons or rows of a count; None where it counts no persons."""
        kind, *rest = key
        if kind in ("stay", "leave", "new") and rest[0] == "Pupils":
            return self._moved(kind, *rest[3:])
        if kind in ("incomplete", "used") and rest[1] in WAVES:
            used = sum(self._is_used(row, rest[0]) for row in self.rows[rest[1]])
            return used if kind == "used" else len(self.rows[rest[1]]) - used
        if kind == "incomplete":
            return sum(self.persons((kind, rest[0], wave)) for wave in WAVES)
        if kind in ("valued", "lost", "lacking", "both"):
            return self._left_out(kind, rest[0])
        if kind == "missing":
            return sum(getattr(r, REASONS[rest[0]]) is None for r in self.rows[rest[2]])
        if kind == "category":
            return sum(_is_in(row, rest[1]) for row in self.rows[rest[2]])
        if kind in ("seen", "with_outcome", "without", "moved", "gone"):
            return self._followed(kind, *rest[1:])
        return None

    def _is_used(self, row: Row, analysis: str) -> bool:
        return row.score is not None if analysis in self.imputed else row.is_complete(analysis)

    def _left_out(self, kind: str, name: str) -> int:
        """Rows with a score: all, those that an analysis leaves out, and those without a value."""
        rows = [row for wave in self.rows.values() for row in wave]
        scored = [row for row in rows if row.score is not None]
        if kind == "valued":
            return len(scored)
        if kind == "lost":
            return sum(not row.is_complete(name) for row in scored)
        lacking = [row for row in rows if getattr(row, REASONS[name]) is None]
        return sum((row.score is None) == (kind == "both") for row in lacking)

    def _followed(self, kind: str, label: str, first: str, wave: str) -> int:
        """Pupils of a group in a wave who are found in another one, or not."""
        own = {row.pupil for row in self.rows[first] if _is_in(row, label)}
        seen = [row for row in self.rows[wave] if row.pupil in own]
        if kind == "gone":
            return len(own) - len(seen)
        chosen = {
            "with_outcome": [row for row in seen if row.score is not None],
            "without": [row for row in seen if row.score is None],
            "moved": [row for row in seen if not _is_in(row, label)],
        }
        return len(chosen.get(kind, seen))

    def schools(self, key: Hashable) -> int | None:
        """Schools of a count; None where it counts none."""
        kind, *rest = key
        if kind not in ("stay", "leave", "new") or rest[0] != "Schools" or len(rest) != 3:
            return None
        before, after = ({row.school for row in self.rows[wave]} for wave in WAVES)
        return len({"stay": before & after, "leave": before - after, "new": after - before}[kind])

    def _moved(self, kind: str, variable: str = "", label: str = "", *more: str) -> int | None:
        if more or not self.recurs:
            return None
        before, after = self.rows.values()
        names = {row.pupil for row in before}, {row.pupil for row in after}
        if kind == "new":
            return len(names[1] - names[0])
        here = [row for row in before if not label or _is_in(row, label)]
        return sum((row.pupil in names[1]) == (kind == "stay") for row in here)

    def is_few(self, label: str, threshold: int, units: int) -> bool:
        """Whether a category holds few persons or schools among the rows of all waves."""
        rows = [row for wave in self.rows.values() for row in wave if _is_in(row, label)]
        people = {(row.school, row.pupil) for row in rows}
        return len(people) < threshold or len({row.school for row in rows}) < units


def _is_in(row: Row, label: str) -> bool:
    return LABELS.get(label) in (row.lang, row.kind)
