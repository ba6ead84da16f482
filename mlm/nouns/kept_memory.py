"""Memory that is freed and taken again in every evaluation stays with the process.

An evaluation of a criterion, or an iteration of a chain, takes some arrays of a few megabytes and
frees them. The allocator of Linux gives what lies free above a bound back to the system, which has
to clear it when it is taken again: a fifth of the time of a chain over many groups.
"""

from __future__ import annotations

import numpy as np

LARGEST_BLOCK = 31 * 2**20  # bytes; blocks of more than 32 MB tell the allocator nothing


def keep_freed_memory() -> None:
    """Raise the bound to twice 31 MB, where the allocator is that of glibc.

    Source
    ------
    mallopt(3), M_MMAP_THRESHOLD: a block that was mapped and is freed raises the size from which
    blocks are mapped to its own, and the bound of free memory to twice that. It is never touched,
    so that it takes no memory itself.
    """
    np.empty(LARGEST_BLOCK, dtype=np.uint8)
