"""A disk that fills up in the middle of a job, again and again on the way of one study."""

import os
import subprocess
import time
from collections.abc import Sequence
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
        run = Run(folder, base.targets)
        told = dict[str, str]()
        while len(told) < len(STAGES) and time.time() < until:
            met = _fill_once(run, [stage for stage in STAGES if stage not in told], disk)
            if met is None:
                break
            told[met[0]] = met[1]
            say(f"full disk, {met[0]}: {met[1] or 'nothing was said'}")
        whole = run.finish() == 0 and compare(base, run)
        return [
            Line("full disk", stage, 1, int(whole and bool(line)), 0)
            for stage, line in told.items()
        ]
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _mounted(disk: Path, size: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)]
    return os.geteuid() == 0 and subprocess.run(command, check=False).returncode == 0


def _fill_once(run: Run, stages: Sequence[str], disk: Path) -> tuple[str, str] | None:
    """Fill the disk when a job of one of some stages has begun.

    Returns
    -------
    tuple or None
        The stage, and the line that said so, empty where none did; None where none of them ran.
    """
    ballast, seen = disk / "ballast", len(run.events())
    printed = run.output.stat().st_size if run.output.exists() else 0
    process = run.start()
    met = ""
    for event in run.watch(seen, time.time() + PATIENCE):
        if event.stage in stages and event.event == "start":
            free = os.statvfs(disk)
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - LEFT)
            met = event.stage
            break
    process.wait()
    ballast.unlink(missing_ok=True)
    lines = run.output.read_bytes()[printed:].decode(errors="replace").splitlines()
    said = next((line for line in lines if "disk is full" in line), "")
    return (met, said) if met else None
