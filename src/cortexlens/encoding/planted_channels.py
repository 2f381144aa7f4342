"""Channel weights of planted vertices: the kinds of truth, and a readout for each kind."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.cells import tokens_read
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.layers import Layer
from cortexlens.encoding.moments import Moments, feature_covariances, feature_moments
from cortexlens.encoding.reading import corners_of
from cortexlens.encoding.selectors import Selectors
from cortexlens.errors import CortexlensError
from cortexlens.progress import track

ISOTROPIC: Final = "isotropic"
SPARSE: Final = "sparse"
LARGE: Final = "large-components"
SMALL: Final = "small-components"
PATCHY: Final = "patchy"
TRUTHS: Final = (ISOTROPIC, SPARSE, LARGE, SMALL, PATCHY)

PLANTED_DIMENSIONS: Final = 16
SPARSE_CHANNELS: Final = 2
LARGE_COMPONENTS: Final = 8
# Small components are those after the first ones that together hold this fraction of the variance.
LARGE_SHARE: Final = 0.9
# A component is used only if its variance exceeds this multiple of that of rounding to float16.
_ABOVE_ROUNDING: Final = 100.0
# Upper bound on the variance of rounding a number to float16, relative to its square: ulp² / 12.
_ROUNDING: Final = 2.0**-20 / 12
# Size of the arrays for a block of vertices, in numbers: 134 MB as float32.
_READ_NUMBERS: Final = 2**25


# Computes noiseless responses to some images, in arbitrary units, from the tokens of each layer and
# the selectors, by equation (1) of the paper with the planted channel weights.
Reader = Callable[[list[Tensor], Selectors], Tensor]


class Components(NamedTuple):
    """Principal components of a layer's standardised channels that are above numerical noise.

    Attributes
    ----------
    variance
        Variance of each component, descending.
    direction
        Unit vector of each component, in the space of the standardised channels.
    total
        Total variance of all components, including those within the noise.
    """

    variance: Float[Tensor, " component"]
    direction: Float[Tensor, "channel component"]
    total: float

    def large(self) -> "Components":
        """Return the eight components of the largest variance, or all if there are fewer."""
        return self._part(slice(None, LARGE_COMPONENTS))

    def small(self) -> "Components":
        """Return the components after those that hold 90 % of the variance and after the large.

        Returns only the last component if there are no such components.
        """
        held = self.variance.cumsum(0) / self.total
        first = max(int((held < LARGE_SHARE).sum()) + 1, LARGE_COMPONENTS)
        return self._part(slice(min(first, len(self.variance) - 1), None))

    def _part(self, part: slice) -> "Components":
        return Components(self.variance[part], self.direction[:, part], self.total)


def components(covariance: Float[Tensor, "channel channel"], moments: Moments) -> Components:
    """Compute the principal components of a layer's standardised channels.

    Components within numerical noise are left out. A component is above the noise if its variance
    exceeds the error of a covariance in single precision (largest eigenvalue · number of channels
    · 1.2e-7, the rank tolerance of LAPACK), and exceeds a hundred times the variance that rounding
    the features to float16 adds along its direction.

    Parameters
    ----------
    covariance
        Covariance of the standardised channels, from
        :func:`cortexlens.encoding.moments.feature_covariances`.
    moments
        Mean and standard deviation of each channel before standardisation.

    Raises
    ------
    CortexlensError
        If no component is above the noise: the features are the same for all images.
    """
    variance, direction = torch.linalg.eigh(covariance.double().cpu())
    variance, direction = variance.flip(0), direction.flip(1)
    mean, deviation = (each.double().cpu() for each in moments)
    rounding = _ROUNDING * ((mean / deviation) ** 2 + 1) @ direction**2
    precision = variance[0] * len(variance) * torch.finfo(torch.float32).eps
    above = (variance > precision) & (variance > _ABOVE_ROUNDING * rounding)
    if not above.any():
        raise CortexlensError(
            "a layer's features do not vary over the training images, so that it has no principal "
            "components to plant in. Choose the truth isotropic, or another network."
        )
    total = float(variance.clamp_min(0).sum())
    return Components(variance[above].float(), direction[:, above].float(), total)


def isotropic_reader(
    moments: Sequence[tuple[Moments, Moments]],
    n_vertices: int,
    n_masked: int,
    generator: torch.Generator,
) -> FactorTopy:
    """Make a model with normal weights, isotropic in the standardised channels of each layer.

    Parameters
    ----------
    moments
        Mean and standard deviation of the channels of each layer, for local tokens and global
        token.
    n_vertices
        Number of vertices.
    n_masked
        Number of local tokens if vertices read through windows; 0 if they read at a point.
    generator
        Random generator of the maps B_l and channel weights w of equation (1).
    """
    channels = [len(local[0]) for local, _ in moments]
    model = FactorTopy(channels, n_vertices, PLANTED_DIMENSIONS, n_masked=n_masked)
    for pair, known in zip(model.alignments(), moments, strict=True):
        for align, (mean, scale) in zip(pair, known, strict=True):
            align.mean.copy_(mean)
            align.scale.copy_(scale)
            align.weight.data.normal_(0, align.weight.shape[1] ** -0.5, generator=generator)
    model.weight.data.normal_(generator=generator)
    return model


def component_reader(
    layers: Sequence[Layer],
    train: Int[np.ndarray, " train"],
    moments: Sequence[tuple[Moments, Moments]],
    n_vertices: int,
    n_masked: int,
    generator: torch.Generator,
    truth: str,
) -> FactorTopy:
    """Make a model with weights in the large or small principal components of each layer.

    B_l is a random rotation of the whitened components. The value that a vertex reads from a token
    therefore has variance ‖w‖² over training tokens, in every layer with at least as many
    components as shared channels.

    Parameters
    ----------
    layers, train
        As for :func:`cortexlens.encoding.planted.planted_signal`.
    moments, n_vertices, n_masked, generator
        As for :func:`isotropic_reader`.
    truth
        ``large-components`` or ``small-components``.

    Raises
    ------
    CortexlensError
        If a layer has no component above numerical noise.
    """
    dimensions = LARGE_COMPONENTS if truth == LARGE else PLANTED_DIMENSIONS
    channels = [len(local[0]) for local, _ in moments]
    model = FactorTopy(channels, n_vertices, dimensions, n_masked=n_masked)
    for layer, pair, known in zip(layers, model.alignments(), moments, strict=True):
        covariances = feature_covariances(layer, train, known)
        for align, (mean, scale), covariance in zip(pair, known, covariances, strict=True):
            decomposed = components(covariance, (mean, scale))
            part = decomposed.large() if truth == LARGE else decomposed.small()
            whitened = (part.direction / part.variance.sqrt()).T
            align.mean.copy_(mean)
            align.scale.copy_(scale)
            align.weight.data.copy_(_rotation(dimensions, len(whitened), generator) @ whitened)
    model.weight.data.normal_(generator=generator)
    return model


def _rotation(
    rows: int, columns: int, generator: torch.Generator
) -> Float[Tensor, "{rows} {columns}"]:
    """Draw a matrix with orthonormal rows, uniformly.

    If there are fewer columns than rows, columns are orthogonal instead, and scaled so that rows
    have a mean square length of 1.
    """
    longer, shorter = max(rows, columns), min(rows, columns)
    basis, upper = torch.linalg.qr(torch.randn(longer, shorter, generator=generator))
    # QR fixes the signs of the columns; without undoing that, rotations would not be uniform.
    basis = basis * upper.diagonal().sign()
    rotation: Tensor = basis.T if columns >= rows else basis * (rows / columns) ** 0.5
    return rotation


class SparseReader:
    """Readout in which every vertex reads two channels of each layer.

    Local tokens and global token have the same two channels. Weights are normal, then scaled so
    that the value that a vertex reads from a token has variance 1 over training tokens in every
    layer.

    Parameters
    ----------
    layers, train
        As for :func:`cortexlens.encoding.planted.planted_signal`.
    moments, n_vertices, generator
        As for :func:`isotropic_reader`.

    Attributes
    ----------
    channel
        Indices of the channels that each vertex reads, one array (vertex, read) per layer. Only
        channels that vary are chosen.
    local, pooled
        Weights of these channels, standardised, in local tokens and global token, one array
        (vertex, read) per layer.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        train: Int[np.ndarray, " train"],
        moments: Sequence[tuple[Moments, Moments]],
        n_vertices: int,
        generator: torch.Generator,
    ) -> None:
        self.moments = moments
        self.channel: list[Int[Tensor, "vertex read"]] = []
        self.local: list[Float[Tensor, "vertex read"]] = []
        self.pooled: list[Float[Tensor, "vertex read"]] = []
        for layer, known in zip(layers, moments, strict=True):
            covariances = [each.cpu() for each in feature_covariances(layer, train, known)]
            varies = torch.stack([each.diagonal() > 0 for each in covariances]).all(dim=0)
            # Channels that never vary carry no information on an image and are not drawn.
            probability = varies.float() if varies.any() else torch.ones(len(varies))
            count = min(SPARSE_CHANNELS, int((probability > 0).sum()))
            drawn = probability.expand(n_vertices, -1).multinomial(count, generator=generator)
            weight = torch.randn(n_vertices, count, generator=generator)
            self.channel.append(drawn)
            for into, covariance in zip((self.local, self.pooled), covariances, strict=True):
                own = covariance[drawn[:, :, None], drawn[:, None, :]]
                power = torch.einsum("vr,vrs,vs->v", weight, own, weight).clamp_min(0).sqrt()
                into.append(torch.where(power > 0, 1 / power, 0)[:, None] * weight)

    def __call__(
        self, features: list[Float[Tensor, "batch token _"]], selectors: Selectors
    ) -> Float[Tensor, "batch vertex"]:
        """Compute the noiseless responses to some images, in arbitrary units."""
        n_images, n_tokens = features[0].shape[:2]
        window = _windows(selectors, n_tokens - 1)
        size = max(1, _READ_NUMBERS // (n_images * n_tokens))
        blocks = torch.arange(len(window)).split(size)
        standard = list(self._standardised(features))
        return torch.cat(
            [self._read(standard, selectors, window[block], block) for block in blocks], 1
        )

    def _standardised(self, features: list[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the standardised local tokens and global token of each layer."""
        for tokens, (local, pooled) in zip(features, self.moments, strict=True):
            tokens = tokens.float()
            mean, deviation = (each.to(tokens.device) for each in local)
            pooled_mean, pooled_deviation = (each.to(tokens.device) for each in pooled)
            yield (
                (tokens[:, :-1] - mean) / deviation,
                (tokens[:, -1] - pooled_mean) / pooled_deviation,
            )

    def _read(
        self,
        standard: list[tuple[Tensor, Tensor]],
        selectors: Selectors,
        window: Float[Tensor, "block token"],
        block: Int[Tensor, " block"],
    ) -> Float[Tensor, "batch block"]:
        """Compute the responses of a block of vertices."""
        scale, total = selectors.scale[block], torch.zeros(())
        for index, (local, pooled) in enumerate(standard):
            from_local, from_global = torch.zeros(()), torch.zeros(())
            for channel, local_weight, global_weight in zip(
                self.channel[index][block].T,
                self.local[index][block].T,
                self.pooled[index][block].T,
                strict=True,
            ):
                at_field = torch.einsum("btv,vt->bv", local[:, :, channel], window)
                from_local = from_local + local_weight * at_field
                from_global = from_global + global_weight * pooled[:, channel]
            mixed = (1 - scale) * from_local + scale * from_global
            total = total + selectors.layer[block, index] * mixed
        return total


def _windows(selectors: Selectors, n_tokens: int) -> Float[Tensor, "vertex token"]:
    """Return each vertex's weights of the local tokens.

    These are the weights of its window, or of bilinear interpolation at a point if it has none.
    """
    if selectors.mask is not None:
        return selectors.mask[:, 0]
    height = round(n_tokens**0.5)
    cell, corner = corners_of(selectors.space, height)
    read = tokens_read(height, cell.device)[cell, :4]
    return corner.new_zeros(len(cell), n_tokens).scatter_add(1, read, corner)


def _moments(layer: Layer, train: Int[np.ndarray, " train"]) -> tuple[Moments, Moments]:
    """Compute the moments of a layer's local tokens and global token, in main memory."""
    local, pooled = feature_moments(layer, train)
    return (local[0].cpu(), local[1].cpu()), (pooled[0].cpu(), pooled[1].cpu())


def planted_reader(
    layers: Sequence[Layer],
    train: Int[np.ndarray, " train"],
    n_vertices: int,
    truth: str,
    seed: int,
    n_masked: int = 0,
) -> Reader:
    """Draw planted channel weights and return the readout that uses them.

    Parameters
    ----------
    layers, train
        As for :func:`cortexlens.encoding.planted.planted_signal`.
    n_vertices
        Number of vertices.
    truth
        Kind of channel weights, one of :data:`TRUTHS`: ``isotropic`` and ``patchy`` (normal weights
        in all standardised channels), ``sparse`` (two channels of each layer),
        ``large-components`` (the eight largest principal components of each layer),
        ``small-components`` (components above numerical noise after the first ones that hold 90 %
        of the variance).
    seed
        Seed of the weights.
    n_masked
        Number of local tokens if vertices read through windows; 0 if they read at a point.

    Raises
    ------
    CortexlensError
        If ``truth`` is unknown, or a layer has no components to plant in.
    """
    if truth not in TRUTHS:
        raise CortexlensError(f"truth: found {truth!r}; allowed are {', '.join(TRUTHS)}.")
    generator = torch.Generator().manual_seed(seed % 2**63)
    moments = [_moments(layer, train) for layer in track(layers, "layers standardised")]
    if truth == SPARSE:
        return SparseReader(layers, train, moments, n_vertices, generator)
    if truth in (LARGE, SMALL):
        return component_reader(layers, train, moments, n_vertices, n_masked, generator, truth)
    return isotropic_reader(moments, n_vertices, n_masked, generator)
