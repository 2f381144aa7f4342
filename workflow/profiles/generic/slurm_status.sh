#!/usr/bin/env bash
# What became of a job of Slurm's, for snakemake: running, success or failed.
set -euo pipefail
state=$(squeue --noheader --states=all --format=%T --jobs "$1" 2>/dev/null || true)
if [ -z "$state" ]; then
  state=$(sacct --noheader --parsable2 --allocations --format=State --jobs "$1" 2>/dev/null || true)
fi
case "$state" in
  COMPLETED*) echo success ;;
  BOOT_FAIL* | CANCELLED* | DEADLINE* | FAILED* | NODE_FAIL* | OUT_OF_MEMORY* | TIMEOUT*) echo failed ;;
  *) echo running ;;
esac
