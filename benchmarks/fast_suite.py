"""CPU seconds of the fast suite by test file: where the time goes that `make fast` takes.

    python benchmarks/fast_suite.py [LINES] [pytest arguments]

Runs the suite in this process and prints the files and the tests that cost most. A test has the
cost of the fixtures that it is the first to ask for. `LIMIT` is what the suite may take on one
core of a quiet machine; work beside it makes CPU seconds longer by some ten to thirty per cent.
"""

from __future__ import annotations

import resource
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

LIMIT = 120.0
SUITE = ("-q", "-p", "no:xdist", "-m", "not slow")
APART = ("--ignore=tests/workflow", "--ignore=tests/browser")
LINES = 25


def cpu_seconds() -> float:
    """Seconds of this process and of those it waited for, in user and system mode."""
    found = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in found)


class Costs:
    """A plugin of pytest that adds up what each test takes, its set-up and end included."""

    def __init__(self) -> None:
        self.tests: Counter[str] = Counter()
        self.collected = 0.0

    def pytest_collection_finish(self) -> None:
        """Keep what was taken until all tests were found."""
        self.collected = cpu_seconds()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Add what a test takes."""
        start = cpu_seconds()
        found = yield
        self.tests[item.nodeid] += cpu_seconds() - start
        return found

    def files(self) -> Counter[str]:
        """Seconds by file."""
        found: Counter[str] = Counter()
        for name, seconds in self.tests.items():
            found[name.partition("::")[0]] += seconds
        return found


def main(arguments: list[str]) -> int:
    """Run the suite and print what it costs; the exit status is that of the tests."""
    lines = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else LINES
    costs = Costs()
    status = pytest.main([*SUITE, *APART, *arguments], plugins=[costs])
    for title, found in (("file", costs.files()), ("test", costs.tests)):
        print(f"\nCPU s  {title}")
        for name, seconds in found.most_common(lines):
            print(f"{seconds:5.2f}  {name}")
    print(f"\n{costs.collected:5.1f}  imports and finding the tests")
    print(f"{cpu_seconds():5.1f}  in all, of {LIMIT:.0f} ({len(costs.tests)} tests)")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
