#!/usr/bin/env bash
# The workflow on a real Slurm, on any Debian machine, as root:
#   benchmarks/slurm/run.sh [FOLDER [NAME ...]]    FOLDER (benchmarks/results/slurm) gets all
# Starts a cluster of this machine, adds the executor to a copy of the environment (.venv of `make
# environment`, or that of $PYTHON) and runs what tried.py lists, or NAME of it. Prints a table; exit code 0
# if all held.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath -m "${1:-benchmarks/results/slurm}")
python=${PYTHON:-.venv/bin/python}
mkdir -p "$folder"

if [ ! -x "$folder/venv/bin/python" ]; then
    "$python" -m venv "$folder/venv"
    "$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
        >"$("$folder/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/base.pth"
    "$folder/venv/bin/python" -m pip install --quiet --no-deps --require-hashes \
        -r profiles/slurm/requirements.lock
fi
benchmarks/slurm/cluster.sh start "$folder/cluster"
trap 'benchmarks/slurm/cluster.sh stop "$folder/cluster"' EXIT
"$folder/venv/bin/python" benchmarks/slurm/tried.py "$folder" "${@:2}"
