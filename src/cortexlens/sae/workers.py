"""Compare units and vertices on the workers of a dask cluster, in blocks of vertices.

Workers read codes and responses from files beside the result, on a disk that all machines share,
and return the matches of a block. No shared data are lost if a worker fails.
"""

import shutil
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Int

from cortexlens.compute.dask_client import Identity, gathered, join
from cortexlens.progress import track
from cortexlens.sae.similarity import (
    Block,
    Matches,
    Order,
    TrainTestSplit,
    best_of_both,
    block_slices,
    compare_block,
    drawn_vertices,
    exchanges_of,
    inside,
    joined_blocks,
    prepare_codes,
    rows_of,
)


def compare_on_workers(
    codes: Float[np.ndarray, "image unit"],
    response: Float32[np.ndarray, "image vertex"],
    parts: TrainTestSplit,
    orders: Sequence[Order],
    *,
    kept: int,
    threads: int = 1,
    client: Any,
    wanted: Identity,
    folder: Path,
) -> Matches:
    """Compare all units with all vertices, with the workers of a dask cluster.

    Parameters
    ----------
    codes, response, parts, orders, kept
        As for :func:`cortexlens.sae.similarity.compare`.
    threads
        Ignored; a worker computes a block with a single thread.
    client
        Dask client from :func:`cortexlens.compute.dask_client.connected`.
    wanted
        Identity that workers must have, e.g. the same code.
    folder
        Folder for the files that workers read; removed at the end.
    """
    # The folder may be left from a run that was killed.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        np.save(folder / "codes.npy", codes)
        np.savez(folder / "images.npz", *parts, np.stack(orders))
        tasks = {}
        for number, columns in enumerate(block_slices(codes.shape[1], response.shape[1])):
            drawn = inside(drawn_vertices(response.shape[1]), columns)
            np.save(folder / f"{number}.npy", response[:, columns])
            tasks[number] = (wanted, folder.absolute(), number, kept, columns.start, drawn)
        by_number: dict[int, Block] = {}
        done = gathered(client, block_of, tasks)
        for number, block in track(done, "blocks of vertices compared", total=len(tasks)):
            by_number[number] = block
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    blocks = [by_number[number] for number in sorted(by_number)]
    units = blocks[0].unit
    for block in blocks[1:]:
        units = [best_of_both(*pair) for pair in zip(units, block.unit, strict=True)]
    return joined_blocks(blocks, units)


def block_of(
    wanted: Identity,
    folder: Path,
    number: int,
    kept: int,
    first: int,
    drawn: Int[np.ndarray, " drawn"],
) -> Block:
    """Compare all units with a block of vertices; runs on a worker.

    Parameters
    ----------
    wanted
        Identity that the worker must have.
    folder
        Folder of the shared files.
    number
        Number of the block.
    kept, first, drawn
        As for :func:`cortexlens.sae.similarity.compare_block`.
    """
    from threadpoolctl import threadpool_limits

    join(wanted)
    # Set without restoring: another thread of the worker may be in a product when this one ends.
    threadpool_limits(1)
    codes, parts, exchanges = _shared(folder)
    response = rows_of(np.load(folder / f"{number}.npy"), parts)
    return compare_block(codes, response, exchanges, kept, first, drawn)


@lru_cache(maxsize=1)
def _shared(folder: Path) -> tuple[TrainTestSplit, TrainTestSplit, list[TrainTestSplit]]:
    """Read the files that all blocks share; a worker caches the last ones."""
    with np.load(folder / "images.npz") as images:
        train, test, orders = (images[f"arr_{i}"] for i in range(3))
    parts = TrainTestSplit(train, test)
    codes = np.load(folder / "codes.npy")
    prepared = TrainTestSplit(*(prepare_codes(codes[part]) for part in parts))
    return prepared, parts, exchanges_of(orders, parts)
