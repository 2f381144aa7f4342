"""The unit that most vertices of a region choose: its top images, and where it is on cortex."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.analysis.dictionaries.unit_choices import choice_of, metrics_of, tested_images
from cortexlens.analysis.scores.fit_scores import regions
from cortexlens.features.store import Features

if TYPE_CHECKING:
    from cortexlens.sae.model import Sae

# Number of images to show for a unit.
SHOWN: Final = 6


class UnitPage(NamedTuple):
    """A region's most chosen unit.

    Attributes
    ----------
    roi
        Name of the region.
    layer, unit
        Name of the layer, and number of the unit in its autoencoder.
    n_choosing, n_vertices
        Number of vertices of the region for which it is best, and of all that have a unit.
    frequency
        Share of training images on which the unit is active.
    likeness
        Mean similarity of the unit and those vertices on test images.
    images
        Test images with the largest activation, in descending order.
    of_vertex
        Similarity to every vertex on test images; NaN if either is constant.
    """

    roi: str
    layer: str
    unit: int
    n_choosing: int
    n_vertices: int
    frequency: float
    likeness: float
    images: Int[np.ndarray, " image"]
    of_vertex: Float[np.ndarray, " vertex"]


def unit_pages(
    dictionary: xr.Dataset,
    units: Mapping[str, xr.Dataset],
    response: Float[np.ndarray, "image vertex"],
) -> list[UnitPage]:
    """Find the most chosen unit of each region; of all vertices if there are no regions.

    Parameters
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    units
        Layer → its units, of kind ``units``.
    response
        Mean response to each image.

    Raises
    ------
    CortexlensError
        If units of a layer are missing or their images differ.
    """
    tested = tested_images(dictionary, units)
    metric = str(dictionary.attrs["metric"])
    choice = choice_of(dictionary, metric)
    named = dict(regions(dictionary))
    if len(named) > 1:
        named.pop("all")
    pages = []
    for roi, mask in named.items():
        chosen = choice.column[mask & (choice.column >= 0)]
        if not chosen.size:
            continue
        column = int(np.bincount(chosen).argmax())
        layer = str(dictionary.attrs["layer_names"][choice.layer[column]])
        here = mask & (choice.column == column)
        number = int(choice.unit[column])
        about = (roi, layer, number, int(here.sum()), len(chosen))
        pages.append(_page(about, units[layer], here, response[tested], tested, metric))
    return pages


def _page(
    about: tuple[str, str, int, int, int],
    units: xr.Dataset,
    here: Bool[np.ndarray, " vertex"],
    response: Float[np.ndarray, "image vertex"],
    tested: Int[np.ndarray, " image"],
    metric: str,
) -> UnitPage:
    from cortexlens.sae.similarity import prepare_codes, similarities

    activation = units["activation"].isel(unit=about[2], image=tested).values
    found = similarities(prepare_codes(activation[:, None]), response)
    of_vertex = found[metrics_of(units).index(metric), 0].astype(np.float64)
    strongest = np.argsort(-activation.astype(np.float32), kind="stable")[:SHOWN]
    frequency = float(units["frequency"].values[about[2]])
    known = of_vertex[here & np.isfinite(of_vertex)]
    likeness = float(known.mean()) if known.size else float("nan")
    return UnitPage(*about, frequency, likeness, tested[strongest], of_vertex)


def active_places(
    sae: "Sae", features: Features, page: UnitPage
) -> Float[np.ndarray, "picture row column"]:
    """Activation of a unit at each location of its top images.

    Parameters
    ----------
    sae
        Autoencoder of the page's layer, applied to local tokens even if trained on others.
    features
        Features of the subject's images.
    page
        The unit.
    """
    import torch

    tokens = features.read(features.layer_names.index(page.layer), page.images)[:, :-1]
    codes = sae.encode(torch.from_numpy(tokens).flatten(0, 1))[:, page.unit]
    return codes.reshape(-1, features.grid, features.grid).numpy()
