"""How long a workload takes: measured seconds of each kind of work, and margins for a cluster."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cortexlens.errors import CortexlensError
from cortexlens.planning.workloads import Workload

MEASURED = Path(__file__).with_name("costs.json")
KINDS = ("cpu", "gpu")
# What a cluster is asked for: another processor, busy disks and other libraries' memory.
MEMORY_MARGIN, TIME_MARGIN, DISK_MARGIN = 1.5, 3.0, 1.2
LEAST_MB, LEAST_MINUTES = 500, 10
# On a cluster snakemake itself runs in each job, twice with Slurm: as the job and as its step.
SNAKEMAKE_MB = 500
# Work that a job's threads share; the rest is done by one of them.
SHARED_WORK = frozenset(
    {
        "forward_product",
        "read_product",
        "align_product",
        "token_value",
        "step_value",
        "selector_product",
        "response_value",
        "component_product",
        "ridge_product",
        "window_value",
        "decomposed_product",
        "left_out_value",
        "stack_value",
    }
)
# Of more threads each brings this part of what the one before brought.
THREAD_EFFICIENCY = 0.9


class JobCost(NamedTuple):
    """One job of the workflow.

    Attributes
    ----------
    rule, backbone, subject
        The rule, and the network and subject of the job, empty where it has none.
    workload
        What it takes.
    seconds
        How long, on ``threads`` threads and the GPU if it has one.
    threads
        Of the processor.
    gpu
        Whether it needs a GPU.
    """

    rule: str
    backbone: str
    subject: str
    workload: Workload
    seconds: float
    threads: int
    gpu: bool


@dataclass(frozen=True)
class Rates:
    """Seconds that one unit of each kind of work takes.

    Attributes
    ----------
    cpu
        On one thread of a processor.
    gpu
        Of jobs that run on a GPU; what is not there takes as long as on the processor.
    machines
        ``cpu`` and ``gpu`` → one line on where it was measured.
    """

    cpu: Mapping[str, float]
    gpu: Mapping[str, float]
    machines: Mapping[str, str]

    def seconds(self, workload: Workload, *, threads: int = 1, gpu: bool = False) -> float:
        """Time that a job takes.

        Parameters
        ----------
        workload
            What it does.
        threads
            Of the processor.
        gpu
            Whether the large products run on a GPU.
        """
        speed = sum(THREAD_EFFICIENCY**thread for thread in range(max(1, threads)))
        total = 0.0
        for kind, amount in workload.work.items():
            if gpu and kind in self.gpu:
                total += amount * self.gpu[kind]
            else:
                total += amount * self.cpu[kind] / (speed if kind in SHARED_WORK else 1)
        return total


@cache
def load_rates(path: Path | None = None) -> Rates:
    """Read the measured rates.

    Parameters
    ----------
    path
        A file that ``benchmarks/growth.py --calibrate`` wrote on another machine: its rates take
        the place of the package's, kind by kind.

    Raises
    ------
    CortexlensError
        If it is no such file, or a rate is negative or of a kind that does not exist.
    """
    packaged = _read(MEASURED)
    if path is None:
        return _rates(packaged)
    given = _read(path)
    known = set(packaged["cpu"]["seconds"])
    for kind in KINDS:
        part = given.get(kind, {})
        seconds = part.get("seconds", {}) if isinstance(part, dict) else None
        if not isinstance(seconds, dict):
            raise CortexlensError(f"{path}: {kind}: found no mapping {kind}.seconds. {_HOW}")
        for name, value in seconds.items():
            if name not in known:
                raise CortexlensError(
                    f"{path}: {kind}.seconds: found {name!r}; allowed are "
                    f"{', '.join(sorted(known))}."
                )
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
                raise CortexlensError(
                    f"{path}: {kind}.seconds.{name}: found {value!r}; allowed are numbers of at "
                    "least 0, in seconds."
                )
        packaged[kind]["seconds"] |= seconds
        if seconds:
            packaged[kind]["machine"] = str(part.get("machine", path))
    return _rates(packaged)


_HOW = "Write one with `python benchmarks/growth.py --calibrate --rates FILE`."


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CortexlensError(f"{path}: cannot be read as rates: {error}. {_HOW}") from error
    if not isinstance(found, dict) or not set(found) & set(KINDS):
        raise CortexlensError(f"{path}: found no rates: needed are cpu or gpu. {_HOW}")
    return found


def _rates(found: dict[str, Any]) -> Rates:
    machines = {kind: found[kind]["machine"] for kind in KINDS}
    return Rates(found["cpu"]["seconds"], found["gpu"]["seconds"], machines)


def memory_mb(workload: Workload, attempt: int = 1) -> int:
    """Memory to ask a cluster for, MB: the formula with a margin, more with every attempt."""
    return attempt * max(LEAST_MB, math.ceil(MEMORY_MARGIN * workload.memory / 1e6))


def runtime_minutes(seconds: float, attempt: int = 1) -> int:
    """Time to ask a cluster for, minutes: the formula with a margin, more with every attempt."""
    return attempt * max(LEAST_MINUTES, math.ceil(TIME_MARGIN * seconds / 60))


def disk_mb(workload: Workload) -> int:
    """Disk to ask a cluster for, MB."""
    return max(1, math.ceil(DISK_MARGIN * workload.disk / 1e6))
