"""Features and responses of one fit, side by side, split by image."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from cortexlens.errors import CortexlensError
from cortexlens.features.store import Features, ids_hash
from cortexlens.progress import track
from cortexlens.shapes import SPLIT_NAMES

# Enough for every entry of a covariance to be known to a hundredth.
COVARIANCE_TOKENS = 20_000


@dataclass(frozen=True)
class FitData:
    """What a readout is fitted to and scored on.

    Attributes
    ----------
    layers
        Tokens of each layer, (image, token, channel) float16, in memory.
    response
        (trial, vertex); with averaged repeats, one trial an image.
    trial_image
        Index on the image axis of each trial.
    split
        Code of each image: train, validation, test.
    repeats
        How many presentations each row of ``response`` is the mean of.
    """

    layers: list[Tensor]
    response: Float[np.ndarray, "trial vertex"]
    trial_image: Int[np.ndarray, " trial"]
    split: Int[np.ndarray, " image"]
    repeats: Int[np.ndarray, " trial"]

    def trials(self, part: int) -> Int[np.ndarray, " part"]:
        """Indices of the trials whose image is in a part of the split."""
        return np.flatnonzero(self.split[self.trial_image] == part)

    def observed(
        self, part: int
    ) -> tuple[Float[np.ndarray, "part vertex"], Int[np.ndarray, " part"]]:
        """Responses, and the image of each, of the trials in a part of the split."""
        trials = self.trials(part)
        return self.response[trials], self.trial_image[trials]

    def features(self, images: Int[np.ndarray, " batch"]) -> list[Tensor]:
        """Tokens of some images in every layer, as stored."""
        rows = torch.from_numpy(images)
        return [layer[rows] for layer in self.layers]


def coarsen(
    tokens: Shaped[Tensor, "image token channel"], grid: int
) -> Shaped[Tensor, "image coarse channel"]:
    """Average local tokens to a coarser grid; the global token stays.

    Parameters
    ----------
    tokens
        A square grid of local tokens, row by row, then the global one.
    grid
        Side of the coarser grid, a divisor of the side of the given one.

    Returns
    -------
    Tensor
        grid · grid + 1 tokens, in the number format given.

    Raises
    ------
    CortexlensError
        If ``grid`` does not divide the side.
    """
    side = math.isqrt(tokens.shape[1] - 1)
    if side % grid:
        allowed = [str(divisor) for divisor in range(1, side + 1) if side % divisor == 0]
        raise CortexlensError(
            f"encoder.grid is {grid}; it has to divide the grid of the features, {side}: allowed "
            f"are {', '.join(allowed)}. Change it in the config."
        )
    if side == grid:
        return tokens
    local = tokens[:, :-1].unflatten(1, (grid, side // grid, grid, side // grid))
    means = local.float().mean(dim=(2, 4)).flatten(1, 2).to(tokens.dtype)
    return torch.cat([means, tokens[:, -1:]], dim=1)


def load_fit_data(
    features: Features, responses: xr.Dataset, *, single_trials: bool, grid: int | None = None
) -> FitData:
    """Read features and responses into memory.

    Parameters
    ----------
    features
        Open feature store of the subject's images.
    responses
        Store of kind ``responses``.
    single_trials
        Fit and score single presentations; otherwise the mean over each image's repeats.
    grid
        Side of the grid that is read, see :func:`coarsen`; that of the features when left out.

    Returns
    -------
    FitData

    Raises
    ------
    CortexlensError
        If the features are of other images, or fewer than two trials are in a part of the split.
    """
    ids = responses["image_id"].values.tolist()
    if features.attributes["image_ids_hash"] != ids_hash(ids):
        raise CortexlensError(
            f"{features.path}: found features of {features.n_images} images, which are not the "
            f"{len(ids)} images of the responses in this order. Extract the features anew."
        )
    response = responses["response"].values
    trial_image = responses["trial_image"].values
    repeats = np.ones(len(response), dtype=np.int64)
    if not single_trials:
        response, trial_image, repeats = average_repeats(response, trial_image)
    split = responses["split"].values
    _check_parts(split[trial_image], "trials" if single_trials else "images")
    layers = [
        coarsen(torch.from_numpy(features.read(layer)), grid or features.grid)
        for layer in track(range(len(features.layer_names)), "layers read")
    ]
    return FitData(layers, response, trial_image, split, repeats)


def _check_parts(parts: Int[np.ndarray, " trial"], what: str) -> None:
    """Refuse a part of the split in which nothing can vary."""
    for part, name in enumerate(SPLIT_NAMES):
        count = np.count_nonzero(parts == part)
        if count < 2:
            raise CortexlensError(
                f"the responses store holds {count} {name} {what}; at least 2 are needed to fit "
                "and to score. Add images, or change split in the config."
            )


def average_repeats(
    response: Float[np.ndarray, "trial vertex"], trial_image: Int[np.ndarray, " trial"]
) -> tuple[Float[np.ndarray, "seen vertex"], Int[np.ndarray, " seen"], Int[np.ndarray, " seen"]]:
    """Mean response to each image that was shown.

    Returns
    -------
    response, image, repeats
        Means, the image that each belongs to, and the number of presentations behind it.
    """
    images, position, counts = np.unique(trial_image, return_inverse=True, return_counts=True)
    order = np.argsort(position, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(response[order], starts, axis=0, dtype=np.float32)
    return sums / counts[:, None].astype(np.float32), images, counts


def feature_moments(
    layer: Tensor, images: Int[np.ndarray, " train"]
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Mean and standard deviation of each channel over images: local tokens, global token.

    Parameters
    ----------
    layer
        (image, token, channel).
    images
        Training images alone, so that nothing of the test set is seen.

    Returns
    -------
    local, pooled
        Pairs of mean and standard deviation, each (channel,); a dead channel has deviation 1.
    """
    tokens = layer[torch.from_numpy(images)]
    moments = []
    for part in (tokens[:, :-1], tokens[:, -1:]):
        flat = part.flatten(0, 1).float()
        # Twice over the data, yet four times as fast as torch.std_mean along the first axis.
        mean = flat.mean(dim=0)
        deviation = ((flat - mean).square_().sum(dim=0) / max(len(flat) - 1, 1)).sqrt()
        moments.append((mean, torch.where(deviation > 1e-6, deviation, 1.0)))
    return moments[0], moments[1]


def feature_covariances(
    layer: Tensor,
    images: Int[np.ndarray, " train"],
    moments: Sequence[tuple[Tensor, Tensor]],
) -> tuple[Float[Tensor, "channel channel"], Float[Tensor, "channel channel"]]:
    """Second moments of a layer's standardised channels: local tokens, global token.

    Parameters
    ----------
    layer
        (image, token, channel).
    images
        Training images; of very many, evenly spaced ones are looked at.
    moments
        Pairs of mean and standard deviation as of :func:`feature_moments`.
    """
    covariances = []
    for part, (mean, deviation) in zip((layer[:, :-1], layer[:, -1:]), moments, strict=True):
        step = math.ceil(len(images) * part.shape[1] / COVARIANCE_TOKENS)
        tokens = part[torch.from_numpy(images[::step])].flatten(0, 1).float()
        tokens = (tokens - mean) / deviation
        covariances.append(tokens.T @ tokens / len(tokens))
    return covariances[0], covariances[1]
