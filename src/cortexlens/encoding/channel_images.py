"""Paint images by what a region's channels read from them, at the full resolution of the layers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from PIL import Image
from torch.nn import functional

from cortexlens.backbones.network import Backbone
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.errors import CortexlensError
from cortexlens.progress import track

N_COMPONENTS: Final = 3
# Limits of each colour's scale: percentiles over the tokens of all images.
_ENDS: Final = (2, 98)


class Components(NamedTuple):
    """The three components of a region's channel selectors that are shown as colours.

    Attributes
    ----------
    direction
        Weights of each component on the shared channels (FactorTopy) or on the fit's axes (stacked
        fits), scaled such that the value read has unit variance.
    layer
        Layer selector, averaged over the region.
    explained
        Fraction of the sum of squares of the region's selectors that lies in these directions.
    in_common
        Overlap with the reference components: 1 if they span the same three dimensions, 0 if they
        have none in common.
    n_vertices
        Number of vertices in the region.
    """

    direction: Float[np.ndarray, "component channel"]
    layer: Float[np.ndarray, " layer"]
    explained: float
    in_common: float
    n_vertices: int


def chosen_images(shown: str, ids: Sequence[str], tested: Int[np.ndarray, " image"]) -> list[int]:
    """Choose the images to paint.

    Parameters
    ----------
    shown
        Number of test images, which are then spread evenly over the list; or comma-separated
        identifiers.
    ids
        Identifiers of all images.
    tested
        Indices of the test images; if empty, the choice is among all images.

    Returns
    -------
    list of int
        Indices of the chosen images.

    Raises
    ------
    CortexlensError
        If an identifier is unknown.
    """
    if shown.strip().isdigit():
        candidates = tested if len(tested) else np.arange(len(ids))
        spread = np.linspace(0, len(candidates) - 1, min(max(1, int(shown)), len(candidates)))
        return [int(index) for index in candidates[spread.round().astype(int)]]
    index_of = {name: index for index, name in enumerate(ids)}
    wanted = [name.strip() for name in shown.split(",")]
    for name in wanted:
        if name not in index_of:
            raise CortexlensError(
                f"--shown: found {name!r}; allowed is a number, or comma-separated identifiers of "
                f"images such as {', '.join(ids[:3])}. images.tsv lists all of them."
            )
    return [index_of[name] for name in wanted]


def principal_axes(
    read: Float[np.ndarray, "vertex channel"],
) -> tuple[Float[np.ndarray, "component channel"], float]:
    """Compute the three principal axes of channel selectors, without centring.

    Selectors are not centred because 0 means that a channel is not read: what all vertices of a
    region read in common is then its first axis, rather than subtracted. The sign of each axis is
    such that the vertices' weights along it have a positive sum.

    Parameters
    ----------
    read
        Channel selector of each vertex, scaled by what it reads.

    Returns
    -------
    axes
        Orthonormal axes.
    explained
        Fraction of the sum of squares that lies along these axes.
    """
    _, size, axes = np.linalg.svd(read, full_matrices=False)
    axes = axes[:N_COMPONENTS]
    sign = np.where((read @ axes.T).sum(axis=0) < 0, -1.0, 1.0)
    square = np.square(size)
    return axes * sign[:, None], float(square[:N_COMPONENTS].sum() / square.sum())


def aligned_to(
    axes: Float[np.ndarray, "component channel"],
    reference: Float[np.ndarray, "component channel"],
) -> tuple[Float[np.ndarray, "component channel"], float]:
    """Rotate three axes within the space that they span to match reference axes most closely.

    Parameters
    ----------
    axes
        Orthonormal axes to rotate.
    reference
        Orthonormal axes to match.

    Returns
    -------
    axes
        Orthonormal axes that span the same space; the rotation changes only the colours painted.
    in_common
        Mean cosine of the principal angles between the two spaces, 0 to 1.
    """
    from scipy.linalg import orthogonal_procrustes

    turn, cosines = orthogonal_procrustes(axes.T, reference.T)
    return turn.T @ axes, float(cosines) / len(axes)


def region_components(
    read: Float[np.ndarray, "vertex channel"],
    root: Float[np.ndarray, "channel other_channel"],
    layer: Float[np.ndarray, "vertex layer"],
    masks: Mapping[str, Bool[np.ndarray, " vertex"]],
) -> dict[str, Components]:
    """Compute the components of each region, in colours comparable between regions.

    Parameters
    ----------
    read, root
        ``channel_selector_read`` and ``metric_root`` of a store of kind ``channels``.
    layer
        Layer selector of each vertex.
    masks
        Region → mask of its vertices; regions with fewer than three known vertices are left out.

    Returns
    -------
    dict
        Region → its components.
    """
    known = np.isfinite(read).all(axis=1)
    reference, _ = principal_axes(read[known])
    by_region = {}
    # Axes are in the space of what is read, Σ^½·w; multiplying by Σ^-½ gives channel weights w.
    back = np.linalg.pinv(root, hermitian=True, rcond=1e-6)
    for name, mask in masks.items():
        rows = mask & known
        if rows.sum() < N_COMPONENTS:
            continue
        own, explained = principal_axes(read[rows])
        axes, in_common = aligned_to(own, reference)
        by_region[name] = Components(
            axes @ back, layer[rows].mean(axis=0), explained, in_common, int(rows.sum())
        )
    return by_region


# Maps the index of a layer and its tokens to what each component of each region reads from them.
Reading = Callable[[int, Float[torch.Tensor, "_ row column channel"]], torch.Tensor]


def shared_reading(models: Sequence[FactorTopy], components: Mapping[str, Components]) -> Reading:
    """Make the function by which components of a FactorTopy fit read a layer: ω̂_l · w·B_l(V_l).

    Parameters
    ----------
    models
        Members of the fit.
    components
        Components of each region.
    """
    direction = np.concatenate([each.direction for each in components.values()])
    folds = torch.from_numpy(direction).float().split([m.weight.shape[1] for m in models], dim=1)
    weight = torch.from_numpy(np.stack([each.layer for each in components.values()], axis=1))
    weight = weight.float().repeat_interleave(N_COMPONENTS, dim=1)

    def read(layer: int, tokens: torch.Tensor) -> torch.Tensor:
        total = sum(
            model.alignments()[layer][0](tokens, fold)
            for model, fold in zip(models, folds, strict=True)
        )
        assert isinstance(total, torch.Tensor)
        return total * weight[layer]

    return read


def stacked_reading(
    axis_weight: Float[np.ndarray, "axis channel"],
    channels: Sequence[int],
    components: Mapping[str, Components],
) -> Reading:
    """Make the function by which components of a stacked fit read the channels of a layer.

    Parameters
    ----------
    axis_weight
        Weights of each axis on the channels of all layers, concatenated over layers, from a store
        of kind ``channels``.
    channels
        Number of channels of each layer.
    components
        Components of each region.
    """
    direction = np.concatenate([each.direction for each in components.values()]) @ axis_weight
    own = torch.from_numpy(direction).float().split(list(channels), dim=1)

    def read(layer: int, tokens: torch.Tensor) -> torch.Tensor:
        return torch.matmul(tokens, own[layer].T)

    return read


def paint(
    network: Backbone,
    reading: Reading,
    components: Mapping[str, Components],
    pictures: Sequence[Image.Image],
) -> dict[str, Float[np.ndarray, "image row column component"]]:
    """Colour images by what each region reads from them.

    The colour of a token is what the region's three components read from it, summed over layers.
    For FactorTopy this is Σ_l ω̂_l · w·B_l(V_l): equation (1) at every location of the image, with
    the region's mean layer selector and local tokens alone. Layers of different sizes are
    interpolated bilinearly to the largest.

    Parameters
    ----------
    network
        Network that was fitted.
    reading
        Function from :func:`shared_reading` or :func:`stacked_reading`.
    components
        Components of each region.
    pictures
        Images to colour.

    Returns
    -------
    dict
        Region → colours in [0, 1]; each component is scaled from its 2nd to its 98th percentile
        over all images.
    """
    n_directions = sum(len(each.direction) for each in components.values())
    read = []
    with torch.inference_mode():
        for picture in track(pictures, "images painted"):
            layers = network.tokens(network.preprocess(picture)[None])
            maps = [layer.local_map for layer in layers]
            size = max((tuple(each.shape[2:]) for each in maps), key=np.prod)
            total = torch.zeros(n_directions, *size)
            for number, local in enumerate(maps):
                tokens = local.permute(0, 2, 3, 1).contiguous()
                large = functional.interpolate(
                    reading(number, tokens).permute(0, 3, 1, 2),
                    size=size,
                    mode="bilinear",
                    align_corners=False,
                )
                total += large[0]
            read.append(total.permute(1, 2, 0).numpy())
    values = np.stack(read)
    parts = np.split(values, len(components), axis=3)
    return {name: _scaled(part) for name, part in zip(components, parts, strict=True)}


def _scaled(
    values: Float[np.ndarray, "image row column component"],
) -> Float[np.ndarray, "image row column component"]:
    low, high = np.percentile(values, _ENDS, axis=(0, 1, 2))
    return np.asarray(np.clip((values - low) / np.maximum(high - low, 1e-12), 0, 1))
