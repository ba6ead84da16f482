"""Small jobs of a run are forked, with the same files as others."""

import hashlib
from types import SimpleNamespace

import pytest
import ready_process

from mlm.commands.jobs.handing_over import VARIABLE

pytestmark = pytest.mark.workflow


def _run(project, **environment):
    """Digests of what a run made."""
    run = project.snakemake("--forceall", **environment)
    assert run.returncode == 0, run.stdout + run.stderr
    files = sorted(path for path in (project.folder / "results").rglob("*") if path.is_file())
    return {
        str(path.relative_to(project.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_the_files_are_those_of_jobs_that_start_by_themselves(finished_project, tmp_path):
    project = finished_project.copy(tmp_path / "project")
    assert _run(project) == _run(project, **{VARIABLE: ""})


def _workflow(**settings):
    deployment = SimpleNamespace(deployment_method=settings.pop("method", set()))
    return SimpleNamespace(**{"local_exec": True, "deployment_settings": deployment} | settings)


@pytest.mark.parametrize("workflow", [_workflow(local_exec=False), _workflow(method={"apptainer"})])
def test_jobs_elsewhere_or_in_containers_start_by_themselves(monkeypatch, workflow):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(ready_process.subprocess, "Popen", None)
    ready_process.start(workflow)
    assert VARIABLE not in ready_process.os.environ
