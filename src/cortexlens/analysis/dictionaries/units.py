"""Units of an autoencoder compared with the vertices of a subject: the store of kind units."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float16

from cortexlens.encoding.results import COPIED, COPIED_ATTRIBUTES, Variables
from cortexlens.sae.codes import mean_responses
from cortexlens.sae.similarity import METRICS, Matches, TrainTestSplit, compare, exchanged
from cortexlens.shapes import TEST, TRAIN


class Comparison(NamedTuple):
    """Parameters of the comparison of units and vertices.

    Attributes
    ----------
    kept
        Number of best units stored per vertex, and of best vertices stored per unit.
    shuffles
        Number of permutations of images in the responses, for the null distribution.
    seed
        Seed of the permutations.
    threads
        Number of CPU threads.
    """

    kept: int = 16
    shuffles: int = 5
    seed: int = 0
    threads: int = 1


def units_dataset(
    codes: Float16[np.ndarray, "image unit"],
    responses: xr.Dataset,
    how: Comparison,
    compare: Callable[..., Matches] = compare,
) -> xr.Dataset:
    """Compare units with vertices.

    Parameters
    ----------
    codes
        Unit activations for all images of the responses, in their order.
    responses
        Store of kind ``responses``.
    how
        Parameters of the comparison.
    compare
        Function that compares: :func:`cortexlens.sae.similarity.compare`, or one that distributes
        it.

    Returns
    -------
    xr.Dataset
        Content of a store of kind ``units``, except for the attributes that identify the
        autoencoder.
    """
    split = responses["split"].values
    response, _ = mean_responses(responses)
    parts = TrainTestSplit(*(np.flatnonzero(split == part) for part in (TRAIN, TEST)))
    orders = exchanged(split, how.shuffles, how.seed)
    kept = min(how.kept, codes.shape[1], response.shape[1])
    found = compare(codes, response, parts, orders, kept=kept, threads=how.threads)
    frequency = (codes[parts.train] > 0).mean(axis=0)
    variables: Variables = {
        "activation": (
            ("image", "unit"),
            codes,
            "activation of the unit for the image, at least 0",
        ),
        "frequency": (
            ("unit",),
            frequency.astype(np.float32),
            "share of training images on which the unit is active",
        ),
        **_matches(found),
    }
    return (
        places_of(responses)
        .assign(
            {
                **{name: responses[name].load() for name in ("image_id", "split", "ncsnr")},
                **{
                    name: (dims, values, {"description": described})
                    for name, (dims, values, described) in variables.items()
                },
            }
        )
        .assign_coords(metric=list(METRICS))
    )


def places_of(dataset: xr.Dataset) -> xr.Dataset:
    """Coordinates, regions and planted truth of the vertices, with their attributes."""
    names = [each for each in dataset if each in COPIED or str(each).startswith("planted_")]
    places = dataset[names].drop_vars(["image_id", "metric"], errors="ignore").load()
    places.attrs = {
        name: dataset.attrs[name] for name in COPIED_ATTRIBUTES if name in dataset.attrs
    }
    return places


def _matches(found: Matches) -> Variables:
    vertex, unit = ("metric", "vertex", "kept"), ("metric", "unit", "kept")
    null = ("metric", "shuffle", "vertex")
    of_permuted = "similarity to the best unit for responses with permuted images, on"
    return {
        "vertex_unit": (vertex, found.vertex_unit, "most similar units, best first; -1 none"),
        "vertex_similarity": (vertex, found.vertex_similarity, "their similarity, training images"),
        "vertex_held_out": (vertex, found.vertex_held_out, "their similarity on test images"),
        "unit_vertex": (unit, found.unit_vertex, "most similar vertices, best first; -1 none"),
        "unit_similarity": (unit, found.unit_similarity, "their similarity on training images"),
        "null_maximum": (null, found.null_maximum, f"{of_permuted} training images"),
        "null_held_out": (null, found.null_held_out, f"{of_permuted} test images"),
    }
