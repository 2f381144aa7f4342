"""Run times of workloads: measured seconds per kind of work, and margins for a cluster."""

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
# Margins for cluster requests: other processors, busy disks, memory of other library versions.
MEMORY_MARGIN, TIME_MARGIN, DISK_MARGIN = 1.5, 3.0, 1.2
LEAST_MB, LEAST_MINUTES = 500, 10
# Memory of snakemake itself, which runs in each cluster job; with Slurm twice (job and step).
SNAKEMAKE_MB = 500
# Kinds of work that run on all threads of a job; the rest runs on one thread.
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
# Speed that each additional thread adds, as a fraction of what the thread before it added.
THREAD_EFFICIENCY = 0.9


class JobCost(NamedTuple):
    """Cost of one job of the workflow.

    Attributes
    ----------
    rule, backbone, subject
        Rule, network and subject of the job, empty where it has none.
    workload
        Work, memory and disk of the job.
    seconds
        Run time on ``threads`` threads, and on the GPU if it needs one.
    threads
        Number of CPU threads.
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
    """Seconds per unit of each kind of work.

    Attributes
    ----------
    cpu
        Kind of work → seconds on one CPU thread.
    gpu
        Kind of work → seconds in jobs on a GPU; kinds that are missing take as long as on the CPU.
    machines
        ``cpu`` and ``gpu`` → one line on where the rates were measured.
    """

    cpu: Mapping[str, float]
    gpu: Mapping[str, float]
    machines: Mapping[str, str]

    def seconds(self, workload: Workload, *, threads: int = 1, gpu: bool = False) -> float:
        """Run time of a job in seconds.

        Parameters
        ----------
        workload
            Work of the job.
        threads
            Number of CPU threads.
        gpu
            Whether the large matrix products run on a GPU.
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
        A file that ``benchmarks/growth.py --calibrate`` wrote on another machine: its rates replace
        those of the package, kind by kind.

    Raises
    ------
    CortexlensError
        If it is not such a file, or a rate is negative or of an unknown kind.
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
    """Memory to request from a cluster, MB: the estimate with a margin, more in every attempt."""
    return attempt * max(LEAST_MB, math.ceil(MEMORY_MARGIN * workload.memory / 1e6))


def runtime_minutes(seconds: float, attempt: int = 1) -> int:
    """Time to request from a cluster, minutes: estimate with a margin, more in every attempt."""
    return attempt * max(LEAST_MINUTES, math.ceil(TIME_MARGIN * seconds / 60))


def disk_mb(workload: Workload) -> int:
    """Disk to request from a cluster, MB."""
    return max(1, math.ceil(DISK_MARGIN * workload.disk / 1e6))
