"""SciPy loads in half the time without its manual, and computes the same."""

import subprocess
import sys

LOADED = """
import sys
from mlm.commands.jobs.scipy_alone import MANUAL, scipy_alone
with scipy_alone():
    import scipy.optimize
print({"numpy.f2py", "numpy.testing"} & {*sys.modules} or "none")
print(sys.modules[MANUAL].FunctionDoc.__module__)
import numpy, numpy.testing
numpy.testing.assert_allclose(scipy.optimize.brentq(lambda x: x - 0.5, 0.0, 1.0), 0.5)
from scipy import linalg, stats
print(numpy.f2py.__name__, stats.norm.cdf(0.0), linalg.det([[2.0, 0.0], [0.0, 3.0]]))
"""


def test_parts_for_manuals_and_tests_are_not_loaded_and_are_there_for_who_asks_later():
    found = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout
    assert found.splitlines() == ["none", "scipy._lib._docscrape", "numpy.f2py 0.5 6.0"]


MISSING = """
import sys
sys.modules["scipy._lib._docscrape"] = None
from mlm.commands.jobs.scipy_alone import scipy_alone
with scipy_alone():
    print("loaded")
"""


def test_a_scipy_without_that_module_is_loaded_as_it_is():
    found = subprocess.run([sys.executable, "-c", MISSING], capture_output=True, text=True)
    assert found.stdout == "loaded\n", found.stderr
