"""The page on assessments says of every programme what its profile says."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlm.configuration.programmes.catalogue import PROGRAMMES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "assessments.md"
LINES = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("programme", PROGRAMMES, ids=lambda programme: programme.title)
def test_the_page_tells_the_facts(programme):
    known = programme.replications[0]
    own = [line for line in LINES if line.startswith(f"| {programme.name}")]
    facts = [programme.cycle, f"`{programme.row_weight}`", f"| {known.degrees} |"]
    facts += [f"`{known.names[0]}`", f"`{known.names[-1]}`", f"; {known.count} |"]
    school = programme.factors.get("school") or [programme.weights.get("school")]
    facts += [" × ".join(f"`{name}`" for name in school) if any(school) else "none in the pupils"]
    assert any(all(fact in line for fact in facts) for line in own), facts
    for domain in programme.domains:
        facts = [f"`{domain.name}`", f"`{domain.draws[0]}` to `{domain.draws[-1]}`"]
        facts += [f"{domain.minimum:g} ({domain.level})"] if domain.minimum else ["none found"]
        assert any(all(fact in line for fact in facts) for line in own), facts
