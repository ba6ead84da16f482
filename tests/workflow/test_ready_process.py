"""Small jobs of a run are forked: sooner done, with the same files as others."""

import hashlib
import resource
from types import SimpleNamespace

import pytest
import ready_process

from mlm.commands.jobs.handing_over import VARIABLE

pytestmark = pytest.mark.workflow


def _run(project, **environment):
    """Digests of what a run made, and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = project.snakemake("--forceall", **environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.returncode == 0, run.stdout + run.stderr
    files = sorted(path for path in (project.folder / "results").rglob("*") if path.is_file())
    digests = {
        str(path.relative_to(project.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    return digests, after.ru_utime - before.ru_utime


def test_the_files_are_those_of_jobs_that_start_by_themselves(finished_project, tmp_path):
    project = finished_project.copy(tmp_path / "project")
    forked, seconds = _run(project)
    alone, seconds_alone = _run(project, **{VARIABLE: ""})
    assert forked == alone
    assert seconds < seconds_alone


def _workflow(**settings):
    deployment = SimpleNamespace(deployment_method=settings.pop("method", set()))
    return SimpleNamespace(**{"local_exec": True, "deployment_settings": deployment} | settings)


@pytest.mark.parametrize("workflow", [_workflow(local_exec=False), _workflow(method={"apptainer"})])
def test_jobs_elsewhere_or_in_containers_start_by_themselves(monkeypatch, workflow):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(ready_process.subprocess, "Popen", None)
    ready_process.start(workflow)
    assert VARIABLE not in ready_process.os.environ
