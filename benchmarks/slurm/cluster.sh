#!/usr/bin/env bash
# A Slurm cluster of this machine alone, started by hand (no systemd), as root:
#   cluster.sh start FOLDER [MEMORY_MB]    install slurm-wlm and munge where they are missing, start
#   cluster.sh stop FOLDER                 end what was started
# FOLDER holds state, logs and process ids. The configuration goes to /etc/slurm/slurm.conf, where all
# tools look for it; one that is there and not of this script is left alone, and nothing is started.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
what=${1:?start or stop}
folder=$(realpath -m "${2:?folder of the cluster}")
memory=${3:-6000}
conf=/etc/slurm/slurm.conf
mark="# A cluster of this machine alone, for tests"

install() {
    command -v slurmctld munged >/dev/null && return
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
}

start() {
    if [ -e "$conf" ] && ! grep -q "^$mark" "$conf"; then
        echo "$conf is of another cluster: nothing is started" >&2
        exit 1
    fi
    install
    mkdir -p "$folder"/{state,spool} "$(dirname "$conf")"
    sed -e "s|FOLDER|$folder|; s|HOST|$(hostname -s)|; s|CPUS|$(nproc --all)|; s|MEMORY|$memory|" \
        "$here/slurm.conf" >"$conf"
    [ -s /etc/munge/munge.key ] || mungekey --create
    mkdir -p /run/munge && chown munge: /run/munge /etc/munge/munge.key
    pgrep -x munged >/dev/null ||
        { runuser -u munge -- /usr/sbin/munged && pgrep -nx munged >"$folder/munged.pid"; }
    slurmctld -c
    slurmd -c
    for _ in $(seq 60); do
        [ "$(sinfo --noheader --format %t 2>/dev/null)" = idle ] && return
        sleep 1
    done
    echo "the cluster did not come up: see $folder/slurmctld.log, $folder/slurmd.log" >&2
    exit 1
}

stop() {
    for daemon in slurmd slurmctld munged; do
        file=$folder/$daemon.pid
        if [ -s "$file" ] && kill "$(cat "$file")" 2>/dev/null; then rm -f "$file"; fi
    done
    if grep -qs "^$mark" "$conf"; then rm "$conf"; fi
}

"$what"
