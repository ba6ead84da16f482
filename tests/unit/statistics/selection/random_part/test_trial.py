"""Where a trial begins when the larger model sees few or none of its parameters."""

import numpy as np
import pytest

from mlm.statistics.selection.random_part.trial import _seen


@pytest.mark.parametrize("bends", [[0.0, 0.0, 0.0], [0.0, 0.0, 3.0], [0.0, 2.0, 3.0]])
def test_what_is_not_seen_bends_as_others_do(bends):
    """Correlations of one, and those of effects without variance, do not bend the criterion."""
    found = _seen(np.diag(bends))
    assert np.isfinite(found).all() and np.linalg.eigvalsh(found).min() > 0.0
    seen = [i for i, bend in enumerate(bends) if bend]
    assert np.diagonal(found)[seen] == pytest.approx(np.array(bends)[seen])
