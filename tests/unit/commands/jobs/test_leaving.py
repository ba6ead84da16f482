"""A process ends as Python would end it, but does not take apart what is left in memory."""

import subprocess
import sys

import pytest

BEGIN = "import atexit, sys, threading, time; from mlm.commands.jobs.leaving import leaving; "


def _ended(work: str, **more) -> subprocess.CompletedProcess:
    code = f"{BEGIN}\ndef work():\n    {work}\nleaving(work)"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, **more
    )


@pytest.mark.parametrize(
    ("work", "code"),
    [
        ("pass", 0),
        ("sys.exit()", 0),
        ("sys.exit(0)", 0),
        ("sys.exit(2)", 2),
        ("sys.exit('a wave is missing')", 1),
        ("raise ValueError('a wave is missing')", 1),
    ],
)
def test_the_exit_code_is_that_of_the_work(work, code):
    done = _ended(work)
    assert done.returncode == code
    assert ("a wave is missing" in done.stderr) == (code == 1)


def test_what_was_written_arrives_and_what_was_registered_is_done():
    done = _ended("atexit.register(print, 'at the end', file=sys.stderr); print('a line', end='')")
    assert (done.stdout, done.stderr) == ("a line", "at the end\n")


def test_threads_are_waited_for():
    late = "threading.Thread(target=lambda: (time.sleep(0.2), print('late'))).start()"
    assert _ended(late).stdout == "late\n"


def test_a_reader_that_has_gone_is_told_by_the_exit_code():
    work = "print('x' * 100_000)"
    code = f"{BEGIN}\ndef work():\n    sys.stdin.read(); {work}\nleaving(work)"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    process.stdin.close()
    assert process.wait(20) in (1, 120)  # written at once, or when streams are flushed


def test_memory_goes_with_the_process():
    kept = "sys.kept = type('Kept', (), {'__del__': lambda self: print('taken apart')})()"
    assert _ended(kept).stdout == ""
