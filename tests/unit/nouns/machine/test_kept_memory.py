"""Freed memory stays with the process: it is not cleared again by the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from mlm.nouns.machine.kept_memory import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
def turn():
    return [np.ones(int(sys.argv[3])) for _ in range(int(sys.argv[2]))]
for _ in range(4):
    turn()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    turn()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(how: str, n_arrays: int, size: int) -> int:
    words = [sys.executable, "-c", PROGRAM, how, str(n_arrays), str(size)]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(found.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of this allocator alone")
@pytest.mark.parametrize(("n_arrays", "size"), [(4, 750_000), (40, 750_000), (4, 5_000_000)])
def test_arrays_that_are_taken_again_cost_no_new_pages(n_arrays, size):
    given_back, kept = (_faults(how, n_arrays, size) for how in ("given back", "kept"))
    assert kept < 0.2 * given_back
