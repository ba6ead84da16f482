"""Freed memory stays with the process: it is not cleared again by the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from mlm.nouns.kept_memory import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
def turn():
    return [np.ones(750_000) for _ in range(4)]  # 6 MB each
for _ in range(4):
    turn()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    turn()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(how: str) -> int:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True
    )
    return int(found.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of this allocator alone")
def test_arrays_that_are_taken_again_cost_no_new_pages():
    given_back, kept = _faults("given back"), _faults("kept")
    assert kept < 0.2 * given_back
