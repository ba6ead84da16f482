"""Whether the data tell the parameters of forms of a covariance apart, before any search.

Near parameters p that are nothing special the covariance of the rows changes along its derivatives
by p. These must be independent beside the fixed effects, as (co)variances without a form must.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlm.statistics.likelihood.covariance import triangle
from mlm.statistics.likelihood.identification import NotIdentified, tells_apart
from mlm.statistics.likelihood.over_waves.forms import FORMS
from mlm.statistics.likelihood.working import Block, Working

ASIDE = 0.1  # of the parameters of a form from its start, where some of them may be equal


class FormsNotIdentified(NotIdentified):
    """Parameters of forms of a covariance that the data cannot tell apart.

    Parameters
    ----------
    formula : str
        The model.
    message : str
        What cannot be told apart, and what to do.
    """

    def __init__(self, formula: str, message: str):
        super().__init__(formula, ())
        self.args = (message,)


def forms_are_told(working: Working) -> bool:
    """Whether all parameters of the covariances can be told from each other.

    Parameters
    ----------
    working : Working
        Statistics of a model in which some random term has a form.
    """
    return tells_apart(working, _changes(working, ()))


def terms_not_told(working: Working) -> list[int]:
    """Random terms without each of which all parameters of the others can be told apart.

    Parameters
    ----------
    working : Working
        Statistics of a model of which ``forms_are_told`` is false.
    """
    if len(working.blocks) == 1:
        return []
    return [b for b in range(len(working.blocks)) if tells_apart(working, _changes(working, (b,)))]


def check_told(working: Working) -> None:
    """Refuse a model before any search whose parameters the data cannot tell apart.

    Parameters
    ----------
    working : Working
        Statistics of a model in which some random term has a form.

    Raises
    ------
    FormsNotIdentified
        Naming the terms.
    """
    if not forms_are_told(working):
        raise not_told(working)


def not_told(working: Working) -> FormsNotIdentified:
    """The error that says that parameters are not told apart.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    """
    terms = [str(term) for term in working.model.random]
    names = ", ".join(name for name, b in zip(terms, working.blocks, strict=True) if b.form)
    found = [terms[b] for b in terms_not_told(working)]
    cure = f"leave out one of {' and '.join(found)}" if found else "leave out a term"
    return FormsNotIdentified(
        working.model.formula,
        f"the data cannot tell the parameters of the covariance {names} apart from each "
        "other, from other variances or from the residual variance: expected units with several "
        "waves, and several rows a unit and wave where it is not the lowest level. Take a form "
        f"with fewer, or {cure}.",
    )


def _changes(working: Working, without: tuple[int, ...]) -> np.ndarray:
    """Changes of all (co)variances by each parameter of the terms that are not left out."""
    rows, sizes = [], [block.size * (block.size + 1) // 2 for block in working.blocks]
    ends = np.cumsum(sizes).tolist()
    scale, kept = np.zeros(ends[-1] + 1), [True] * len(sizes)
    for b, (block, end, size) in enumerate(zip(working.blocks, ends, sizes, strict=True)):
        kept[b] = b not in without
        if not kept[b]:
            continue
        value, changes = _moved(block)
        scale[end - size : end] = _entries(block, value)
        for change in changes:
            row = np.zeros(ends[-1] + 1)
            row[end - size : end] = _entries(block, change)
            rows.append(row)
    pairs = zip(working.blocks, kept, strict=True)
    scale[-1] = 0.0 if any(block.is_residual and own for block, own in pairs) else 1.0
    return np.array([*rows, scale])


def _moved(block: Block) -> tuple[np.ndarray, Iterator[np.ndarray]]:
    """A covariance (q, q) of the raw columns of a term, and its derivatives by the parameters."""
    if block.form is None:
        return np.eye(block.size), _units(block.size)
    form = FORMS[block.form]
    start = form.start(block.size, block.is_residual)
    aside = start + ASIDE * np.cos(np.arange(start.size))
    derivatives = form.derivatives(aside, block.size, block.is_residual)
    return form.matrix(aside, block.size, block.is_residual).real, iter(derivatives)


def _units(size: int) -> Iterator[np.ndarray]:
    for i, j in zip(*triangle(size), strict=True):
        unit = np.zeros((size, size))
        unit[i, j] = unit[j, i] = 1.0
        yield unit


def _entries(block: Block, change: np.ndarray) -> np.ndarray:
    """The lower triangle of a change of the raw covariance, in the working basis."""
    return (block.transform @ change @ block.transform.T)[triangle(block.size)]
