"""A dask cluster of processes of this machine, and workers that die."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def local_cluster(n_workers: int) -> Iterator[str]:
    """Start a scheduler and workers; give its address."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
    ) as cluster:
        yield cluster.scheduler_address


def kill_a_busy_worker(client: Any) -> str:
    """Kill, as the kernel does, a worker that has work; give its address."""
    busy = [address for address, tasks in client.processing().items() if tasks]
    pids = client.run(os.getpid)
    os.kill(pids[busy[0]], signal.SIGKILL)
    return busy[0]
