"""A disk that fills up in the middle of a job, again and again on the way of one study."""

import os
import subprocess
import time
from pathlib import Path

from soak_study import Run, compare, say, write_study
from soak_table import Line

# Stages in whose middle the disk fills up.
STAGES = ("extract_features", "fit_encoder", "finetune", "train_sae", "draw_maps", "build_atlas")
# What stays free: a line in a log, and nothing else.
LEFT = 64 * 1024
PATIENCE = 900.0


def full_disks(base: Run, folder: Path, until: float) -> list[Line]:
    """Run a study on a small disk that fills up in several stages, and is freed each time.

    Parameters
    ----------
    base
        An undisturbed run, to compare with.
    folder
        Made for the study; its ``results`` are a disk in memory, which root alone can make.
    until
        Clock time after which nothing is filled any more.
    """
    folder.mkdir(parents=True)
    write_study(folder)
    disk = folder / "results"
    disk.mkdir()
    size = 2 * sum(path.stat().st_size for path in base.results.rglob("*") if path.is_file())
    if time.time() > until or not _mounted(disk, size + (64 << 20)):
        say("no disk was filled: too late, or not root")
        return [Line("full disk", "not done", 0, 0, 0)]
    try:
        run = Run(folder)
        told = {stage: _fill_in(run, stage, disk) for stage in STAGES}
        say(f"one line said so: {sum(map(bool, told.values()))} of {len(told)}")
        whole = run.finish() == 0 and compare(base, run)
        found = [stage for stage, line in told.items() if line]
        return [Line("full disk", stage, 1, int(whole and stage in found), 0) for stage in STAGES]
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _mounted(disk: Path, size: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)]
    return os.geteuid() == 0 and subprocess.run(command, check=False).returncode == 0


def _fill_in(run: Run, stage: str, disk: Path) -> str:
    """Fill the disk when a stage has begun; the line that says so, empty where there is none."""
    ballast, seen = disk / "ballast", len(run.events())
    printed = run.output.stat().st_size if run.output.exists() else 0
    process = run.start()
    for event in run.watch(seen, time.time() + PATIENCE):
        if event.stage == stage:
            free = os.statvfs(disk)
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - LEFT)
            process.wait()
            break
    ballast.unlink(missing_ok=True)
    lines = run.output.read_bytes()[printed:].decode(errors="replace").splitlines()
    return next((line for line in lines if "its disk is full" in line), "")
