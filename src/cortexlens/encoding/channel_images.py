"""What the channels of a region see in pictures: its components, painted at the full token grid."""

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
# Ends of each colour's scale, percent of the tokens of all pictures.
_ENDS: Final = (2, 98)


class Components(NamedTuple):
    """What three colours of a region's images stand for.

    Attributes
    ----------
    direction
        Weights of the shared channels, or of a stacked fit's axes, as those of a vertex; what they
        read varies by 1.
    layer
        Mean layer selector of the region.
    explained
        Part of the sum of squares of the region's selectors that lies in these directions.
    in_common
        How far they are those of the reference: 1 the same three dimensions, 0 none in common.
    n_vertices
        Of the region.
    """

    direction: Float[np.ndarray, "component channel"]
    layer: Float[np.ndarray, " layer"]
    explained: float
    in_common: float
    n_vertices: int


def chosen_images(shown: str, ids: Sequence[str], tested: Int[np.ndarray, " image"]) -> list[int]:
    """Which images to paint.

    Parameters
    ----------
    shown
        How many of the test images, evenly spread; or identifiers with commas.
    ids
        Of all images.
    tested
        Indices of the test images; where there are none, all images count as such.

    Raises
    ------
    CortexlensError
        If an identifier is unknown.
    """
    if shown.strip().isdigit():
        there = tested if len(tested) else np.arange(len(ids))
        spread = np.linspace(0, len(there) - 1, min(max(1, int(shown)), len(there)))
        return [int(index) for index in there[spread.round().astype(int)]]
    place = {name: index for index, name in enumerate(ids)}
    wanted = [name.strip() for name in shown.split(",")]
    for name in wanted:
        if name not in place:
            raise CortexlensError(
                f"--shown: found {name!r}; allowed are a number, or identifiers of images such as "
                f"{', '.join(ids[:3])}, with commas. images.tsv lists them all."
            )
    return [place[name] for name in wanted]


def principal_axes(
    read: Float[np.ndarray, "vertex channel"],
) -> tuple[Float[np.ndarray, "component channel"], float]:
    """The three axes that selectors lie along most, and their part of the sum of squares.

    About 0 rather than about the mean, for 0 means a channel that is not read: what all vertices of
    a region read is its first axis and not taken off. Signs are such that vertices read with
    positive weights more than with negative ones.
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
    """Turn three axes within their own space so that each is as near to the reference's as can be.

    Returns
    -------
    axes
        Orthonormal, of the same space: what is painted stays, only its colours turn.
    in_common
        Mean cosine of the principal angles between both spaces, 0 to 1.
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
    """Components of each region, in colours that all regions share as far as they can.

    Parameters
    ----------
    read, root
        ``channel_selector_read`` and ``metric_root`` of a store of kind ``channels``.
    layer
        Layer selector.
    masks
        Vertices of each region; those with fewer than three are left out.
    """
    known = np.isfinite(read).all(axis=1)
    reference, _ = principal_axes(read[known])
    found = {}
    # From the axes of what is read back to weights of the channels: w = Σ^-½ · axis.
    back = np.linalg.pinv(root, hermitian=True, rcond=1e-6)
    for name, mask in masks.items():
        rows = mask & known
        if rows.sum() < N_COMPONENTS:
            continue
        own, explained = principal_axes(read[rows])
        axes, in_common = aligned_to(own, reference)
        found[name] = Components(
            axes @ back, layer[rows].mean(axis=0), explained, in_common, int(rows.sum())
        )
    return found


# Number of a layer and its tokens → what each component of each region reads from them.
Reading = Callable[[int, Float[torch.Tensor, "_ row column channel"]], torch.Tensor]


def shared_reading(models: Sequence[FactorTopy], components: Mapping[str, Components]) -> Reading:
    """Give what components of the shared channels read from a layer: ω̂_l · w·B_l(V_l).

    Parameters
    ----------
    models
        Members of the fit.
    components
        Of each region.
    """
    direction = np.concatenate([each.direction for each in components.values()])
    folds = torch.from_numpy(direction).float().split([m.weight.shape[1] for m in models], dim=1)
    weight = torch.from_numpy(np.stack([each.layer for each in components.values()], axis=1))
    weight = weight.float().repeat_interleave(N_COMPONENTS, dim=1)

    def read(layer: int, tokens: torch.Tensor) -> torch.Tensor:
        found = sum(
            model.alignments()[layer][0](tokens, fold)
            for model, fold in zip(models, folds, strict=True)
        )
        assert isinstance(found, torch.Tensor)
        return found * weight[layer]

    return read


def stacked_reading(
    axis_weight: Float[np.ndarray, "axis channel"],
    channels: Sequence[int],
    components: Mapping[str, Components],
) -> Reading:
    """Give what components of a stacked fit read from a layer: their own weights of its channels.

    Parameters
    ----------
    axis_weight
        Weights of the channels of all layers, one layer after the other, that read along each
        axis: of a store of kind ``channels``.
    channels
        Of each layer.
    components
        Of each region.
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
    """Colours of pictures as each region reads them.

    A token's colour is what the components read from it, summed over layers. Of FactorTopy that is
    Σ_l ω̂_l · w·B_l(V_l): equation (1) at every place of the picture, with the region's mean layer
    selector and its local tokens alone. Layers of several sizes are interpolated bilinearly to the
    largest of them.

    Parameters
    ----------
    network
        That was fitted.
    reading
        From :func:`shared_reading` or :func:`stacked_reading`.
    components
        Of each region.
    pictures
        To show.

    Returns
    -------
    dict
        Region → colours in [0, 1]: each component between its 2nd and 98th percentile over all
        pictures.
    """
    n_directions = sum(len(each.direction) for each in components.values())
    read = []
    with torch.inference_mode():
        for picture in track(pictures, "pictures painted"):
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
