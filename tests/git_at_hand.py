"""What needs git skips where it is not installed."""

import shutil

import pytest

WITHOUT_GIT = "git is not installed"
NEEDS_GIT = pytest.mark.skipif(shutil.which("git") is None, reason=WITHOUT_GIT)
