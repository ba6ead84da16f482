"""What an installation holds: one package with its templates, and nothing beside it."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from tests.architecture.imports import ROOT

LANGUAGES = sorted(["en", *(path.stem for path in (ROOT / "reports" / "text").glob("*.po"))])

pytest.importorskip("hatchling", reason="hatchling builds the wheel")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    run = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_installs_one_folder(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mlm"}


def test_templates_and_texts_are_found_where_the_wheel_is_installed(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "from mlm.pages.template_folder import template_folder as found; "
        "from mlm.pages.language import known_languages; "
        "print(found().is_dir(), found(), *known_languages())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert run.stdout.split() == ["True", str(tmp_path / "mlm" / "reports"), *LANGUAGES], run.stderr
