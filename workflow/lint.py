"""Run ``snakemake --lint`` and fail on any finding but one.

The one: Snakemake asks every rule for a conda environment or a container. Here one environment
serves all rules, and every package in it is pinned by hash in ``requirements.lock``.
"""

from __future__ import annotations

import re
import subprocess
import sys

PINNED_ELSEWHERE = "Specify a conda environment or container for each rule."
_FINDING = re.compile(r"^    \* (.+?):?$", re.MULTILINE)
_PLACE = re.compile(r"^Lints for .+$", re.MULTILINE)


def findings(text: str) -> list[str]:
    """Findings in the output of the linter, without the one that the lock file answers."""
    found = []
    for block in re.split(r"(?=^Lints for )", text, flags=re.MULTILINE):
        place = _PLACE.match(block)
        titles = [t for t in _FINDING.findall(block) if t != PINNED_ELSEWHERE]
        found.extend(f"{place[0] if place else ''} {title}" for title in titles)
    return found


def main() -> int:
    """Exit code: 0 where nothing else was found and the linter itself worked."""
    run = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint", *sys.argv[1:]], capture_output=True, text=True
    )
    output = run.stdout + run.stderr
    linted = "Lints for " in output or "good condition" in output
    found = findings(output)
    if not linted or found:
        print("\n".join(found) if linted else output)
        return run.returncode or 1
    print("snakemake --lint: nothing found (software is pinned in requirements.lock)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
