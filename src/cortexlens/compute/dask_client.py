"""Work on the machines of a dask cluster: found, checked, handed out, and gathered as it is done.

A job stays the one writer of its result. Workers compute blocks and send them back; which of them
computes what, and which of them die, changes nothing. dask's own processes speak with one another
in pickles: a scheduler's address is to be given only to those who may run code there.
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

# Seconds that a scheduler may take to answer.
PATIENCE: Final = 8
# Times that a block is handed out again whose workers die; dask itself does so four times each.
RETRIES: Final = 2


class Identity(NamedTuple):
    """What a worker has to have in common with the job that asks it, for equal bytes.

    Attributes
    ----------
    stage
        The job's.
    code
        Fingerprint of it.
    versions
        Of the packages that numbers depend on, as ``name version``.
    folder
        That paths start from.
    """

    stage: str
    code: str
    versions: tuple[str, ...]
    folder: str


def identity(stage: str) -> Identity:
    """What this process is."""
    versions = tuple(f"{name} {version(name)}" for name in RECORDED_PACKAGES)
    return Identity(stage, fingerprint(stage), versions, str(Path.cwd()))


def join(wanted: Identity) -> None:
    """See, on a worker, that it computes what the job would, and go to the job's folder.

    Raises
    ------
    CortexlensError
        If its packages or its cortexlens are others, or it does not see the folder.
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
        return f"has another cortexlens: code {here.code}, the job's is {wanted.code}"
    if not Path(wanted.folder).is_dir():
        return f"does not see the folder {wanted.folder}"
    return None


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Connect to a scheduler; work that is not done when the block is left is dropped.

    Parameters
    ----------
    address
        As the scheduler prints it, ``tcp://HOST:PORT``.

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
    """Refuse workers without cortexlens: they could not even read what they are asked."""
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
    """Have workers compute, and give what they have done as it comes.

    Parameters
    ----------
    client
        From :func:`connected`.
    function
        Of a module of this package.
    tasks
        Number → arguments.

    Yields
    ------
    tuple
        Number and value, in no order.

    Raises
    ------
    CortexlensError
        If workers die again and again over a task, the scheduler is lost, or the function raises
        one.
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
                    f"block {number}: all workers that computed it died, the last one "
                    f"{error.last_worker.address}. Give workers more memory; their logs say more."
                ) from error
            again = asked(number)
            waiting[again] = number
            coming.add(again)
            continue
        except (CancelledError, OSError) as error:
            raise CortexlensError(
                f"{client.scheduler.address}: the dask scheduler is gone. Start it again; what "
                "was written is kept."
            ) from error
        yield number, value
