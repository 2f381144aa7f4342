"""Computation on the workers of a dask cluster: connecting, checks, distribution and collection.

Only the job writes its result. Workers compute blocks and send them back; which worker computes
what, and whether some die, does not change the result. The processes of dask exchange pickles, so
the address of a scheduler must be given only to those who may run code there.
"""

import os
import platform
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.storage.code_hash import fingerprint
from cortexlens.storage.provenance import RECORDED_PACKAGES

# Seconds to wait for an answer of the scheduler.
PATIENCE: Final = 8
# Times that a block is resubmitted after its workers died; dask itself retries four times each.
RETRIES: Final = 2


class Identity(NamedTuple):
    """What a worker must have in common with the job, so that it computes identical bytes.

    Attributes
    ----------
    stage
        Name of the stage that the job runs.
    code
        Fingerprint of its code.
    versions
        Versions of packages that affect the numbers, as ``name version``.
    folder
        Folder that relative paths start from.
    """

    stage: str
    code: str
    versions: tuple[str, ...]
    folder: str


def identity(stage: str) -> Identity:
    """Identity of this process for a stage."""
    versions = tuple(f"{name} {version(name)}" for name in RECORDED_PACKAGES)
    return Identity(stage, fingerprint(stage), versions, str(Path.cwd()))


def join(wanted: Identity) -> None:
    """Check, on a worker, that it computes what the job would; change to the job's folder.

    Raises
    ------
    CortexlensError
        If its packages or its cortexlens differ, or it cannot access the folder.
    """
    fault = _difference(wanted)
    if fault:
        raise CortexlensError(
            f"the dask worker on {platform.node()} {fault}. Start workers from the environment of "
            "the job, on machines that share its disk."
        )
    os.chdir(wanted.folder)


@cache
def _difference(wanted: Identity) -> str | None:
    here = identity(wanted.stage)
    for theirs, ours in zip(wanted.versions, here.versions, strict=True):
        if theirs != ours:
            return f"has {ours}, the job has {theirs}"
    if here.code != wanted.code:
        return f"has another version of cortexlens: code {here.code}, the job has {wanted.code}"
    if not Path(wanted.folder).is_dir():
        return f"cannot access the folder {wanted.folder}"
    return None


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Connect to a scheduler; unfinished work is cancelled when the context ends.

    Parameters
    ----------
    address
        Address that the scheduler prints, ``tcp://HOST:PORT``.

    Yields
    ------
    distributed.Client

    Raises
    ------
    CortexlensError
        If dask's ``distributed`` is not installed, no scheduler answers, or its workers have no
        cortexlens.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise CortexlensError(
            f"--scheduler: found {address!r}, but dask's package distributed is not installed. "
            "Install it (pip install 'cortexlens[dask]'), or leave dask.scheduler out."
        ) from error
    try:
        client: Any = Client(  # type: ignore[no-untyped-call]
            address, timeout=PATIENCE, set_as_default=False
        )
    except (OSError, ValueError, TypeError) as error:
        raise CortexlensError(
            f"--scheduler: found {address!r}; no dask scheduler answers there within {PATIENCE} s "
            f"({type(error).__name__}). Give the address that the scheduler prints, "
            "tcp://HOST:PORT, or leave dask.scheduler out."
        ) from error
    try:
        _check_workers(client, address)
        yield client
    finally:
        client.close(timeout=PATIENCE)


def _check_workers(client: Any, address: str) -> None:
    """Refuse workers without cortexlens, which could not even unpickle their tasks."""
    found = client.run(version, "cortexlens", on_error="return")
    if not found:
        say(f"{address}: no workers there yet; waiting for some.")
        return
    say(f"{address}: {len(found)} workers.")
    for worker, there in sorted(found.items()):
        if isinstance(there, Exception):
            raise CortexlensError(
                f"the dask worker {worker} has no cortexlens ({type(there).__name__}). Start "
                "workers from the environment of the job."
            )


def gathered(
    client: Any, function: Callable[..., Any], tasks: Mapping[int, tuple[Any, ...]]
) -> Iterator[tuple[int, Any]]:
    """Compute tasks on workers and yield results as they are completed.

    Parameters
    ----------
    client
        From :func:`connected`.
    function
        Function from a module of this package.
    tasks
        Number → arguments.

    Yields
    ------
    tuple
        Number and value, in any order.

    Raises
    ------
    CortexlensError
        If workers repeatedly die over a task, the scheduler is lost, or the function raises one.
    """
    from distributed import KilledWorker, as_completed

    def asked(number: int) -> Any:
        return client.submit(function, *tasks[number], pure=False)

    waiting, tries = {asked(number): number for number in tasks}, dict.fromkeys(tasks, 0)
    coming: Any = as_completed(  # type: ignore[no-untyped-call]
        list(waiting), loop=client.loop
    )
    for future in coming:
        number = waiting.pop(future)
        try:
            value = future.result()
        except KilledWorker as error:
            tries[number] += 1
            if tries[number] > RETRIES:
                raise CortexlensError(
                    f"block {number}: all workers that computed it died, the last "
                    f"{error.last_worker.address}. Give the workers more memory, and "
                    "see their logs."
                ) from error
            again = asked(number)
            waiting[again] = number
            coming.add(again)
            continue
        except (CancelledError, OSError) as error:
            raise CortexlensError(
                f"{client.scheduler.address}: the connection to the dask scheduler was lost. "
                "Start it again and run the same command; what was written is kept."
            ) from error
        yield number, value
