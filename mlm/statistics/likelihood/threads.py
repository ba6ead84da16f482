"""One thread for linear algebra on many small matrices, where more threads wait for each other.

With the threads that BLAS starts by itself a fit takes two to five times longer on two cores.
Dense matrices of crossed effects are worth more threads where they are large.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache

WORTH = 2000  # rows of a dense matrix from which its products are worth more than one thread


@cache
def _controller():
    import scipy.linalg  # noqa: F401  (its own BLAS must be there to be found)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


_held = 0  # blocks that hold BLAS to one thread now


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS to one thread; for ``with`` and as a decorator.

    Inside another such block nothing is left to do: to ask all libraries takes as long as many a
    product of small matrices.
    """
    global _held
    if _held:
        yield
        return
    with _controller().limit(limits=1, user_api="blas"):
        _held += 1
        try:
            yield
        finally:
            _held -= 1


def threads_for(effects: int) -> AbstractContextManager[None]:
    """One thread, or all where a dense matrix of crossed effects is large."""
    return nullcontext() if effects >= WORTH else one_thread()
