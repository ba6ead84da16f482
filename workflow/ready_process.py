"""The process from which the small jobs of a run are forked, where they run on this machine.

What it does and why is said in ``mlm/commands/jobs/fork_server.py``. Jobs find it by a variable of
the environment; on other machines, in containers, or where nobody waits, they start by themselves.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress

from mlm.commands.jobs.handing_over import VARIABLE

WAITING = 64  # jobs that may wait for it to have loaded
TIME_TO_END = 5.0  # seconds for it to end
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# of the allocators of pyarrow: no threads, which a process that forks is better without, and memory
# that is freed stays with the job, which else gives it back after 10 ms and has it cleared again
ALLOCATORS = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "MIMALLOC_PURGE_DELAY": "-1"}


def start(workflow) -> None:
    """Start it for a run, unless its jobs go elsewhere or the environment forbids it.

    Parameters
    ----------
    workflow
        Snakemake's object for the run.
    """
    if VARIABLE not in os.environ and _is_here(workflow) and hasattr(os, "pidfd_open"):
        started()


def started() -> subprocess.Popen | None:
    """The process, which jobs find from now on and which ends with this one; None without it."""
    process = None
    folder = tempfile.mkdtemp(prefix="mlm-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    address = os.path.join(folder, "jobs")
    with suppress(OSError), socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(WAITING)
        command = [sys.executable, "-m", "mlm.commands.jobs.fork_server", str(listener.fileno())]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # never written to: it ends when this process ends
            pass_fds=[listener.fileno()],
            env=os.environ | ONE_THREAD | ALLOCATORS,
            start_new_session=True,
        )
        os.environ[VARIABLE] = address
        atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen) -> None:
    os.environ.pop(VARIABLE, None)
    process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(TIME_TO_END)


def _is_here(workflow) -> bool:
    deployment = workflow.deployment_settings
    return workflow.local_exec and not (deployment and deployment.deployment_method)
