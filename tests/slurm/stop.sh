#!/usr/bin/env bash
# Stop the Slurm that start.sh started in the same folder: stop.sh FOLDER
set -uo pipefail
folder=$1
settings=/etc/slurm/slurm.conf
if [ "$(readlink "$settings")" != "$folder/slurm.conf" ]; then
  exit 0
fi
scancel --user "$(id --user --name)" 2>/dev/null
for pid in "$folder"/run/slurmd-*.pid "$folder"/run/slurmctld.pid "$folder"/run/munged.pid; do
  if [ -f "$pid" ]; then
    number=$(cat "$pid")
    kill "$number" 2>/dev/null
    # a daemon that waits for a job that is no more
    timeout 5 tail --pid "$number" --follow /dev/null || kill -KILL "$number"
  fi
done
rm --force "$settings"
