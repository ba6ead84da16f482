"""One thread for linear algebra on many small matrices, where more threads wait for each other.

With the threads that BLAS starts by itself a fit takes two to five times longer on two cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@cache
def _controller():
    import scipy.linalg  # noqa: F401  (its own BLAS must be there to be found)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS to one thread; for ``with`` and as a decorator."""
    with _controller().limit(limits=1, user_api="blas"):
        yield
