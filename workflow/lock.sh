#!/usr/bin/env bash
# Writes requirements.lock and requirements-dev.lock: every package with the hashes of its files on
# PyPI, for every platform and Python from 3.11 on. No index address and no local path is written,
# and local package folders configured on this machine are not looked at.
set -euo pipefail
cd "$(dirname "$0")/.."

clean=(env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u UV_FIND_LINKS -u UV_EXTRA_INDEX_URL)
options=(--quiet --no-config --universal --python-version 3.11 --generate-hashes
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate --fork-strategy fewest)
note='# Made by `make lock` from pyproject.toml. Do not edit.'

write() { # write <file> <options...>
    local file=$1
    shift
    "${clean[@]}" uv pip compile "${options[@]}" "$@" pyproject.toml -o "$file.new"
    { echo "$note"; cat "$file.new"; } >"$file"
    rm "$file.new"
    if grep -nE '://|^-|/home/|file:' "$file"; then
        echo "$file names an address or a path: see the lines above" >&2
        exit 1
    fi
}

# hatchling and editables build this package without reaching for unpinned files
printf 'hatchling\neditables\n' >.lock-build.in
trap 'rm -f .lock-build.in' EXIT
write requirements.lock .lock-build.in
write requirements-dev.lock --extra dev --constraint requirements.lock
