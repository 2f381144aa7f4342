"""Features and responses of one fit, split by image into training, validation and test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.layers import CPU, Layer, StreamedLayer, gather_all, open_layers
from cortexlens.errors import CortexlensError
from cortexlens.features.store import Features, ids_hash
from cortexlens.shapes import SPLIT_NAMES

_TRIALS = 1024  # number of trials checked at once


@dataclass(frozen=True)
class FitData:
    """Features and responses that a readout is fitted to and scored on.

    Attributes
    ----------
    layers
        Tokens of each layer, (image, token, channel) float16: in memory, on the GPU, or streamed
        from the store.
    response
        Responses (trial, vertex); one row per image if repeats are averaged.
    trial_image
        Index on the image axis of each trial.
    split
        Part of the split that each image belongs to, by its code: training, validation or test.
    repeats
        Number of presentations that each row of ``response`` is the mean of.
    device
        Device on which fits and predictions are computed.
    low_memory
        Whether responses and features are copied to the device batch by batch, rather than kept
        there.
    """

    layers: Sequence[Layer]
    response: Float[np.ndarray, "trial vertex"]
    trial_image: Int[np.ndarray, " trial"]
    split: Int[np.ndarray, " image"]
    repeats: Int[np.ndarray, " trial"]
    device: torch.device = CPU
    low_memory: bool = False

    @property
    def streamed(self) -> bool:
        """Whether features of any layer are read from the store while they are used."""
        return any(isinstance(layer, StreamedLayer) for layer in self.layers)

    def trials(self, part: int) -> Int[np.ndarray, " part"]:
        """Return the indices of the trials whose image is in a part of the split, by its code."""
        return np.flatnonzero(self.split[self.trial_image] == part)

    def observed(
        self, part: int
    ) -> tuple[Float[np.ndarray, "part vertex"], Int[np.ndarray, " part"]]:
        """Return the responses of the trials in a part of the split, and the image of each."""
        trials = self.trials(part)
        return self.response[trials], self.trial_image[trials]

    def features(self, images: Int[np.ndarray, " batch"]) -> list[Tensor]:
        """Return the tokens of some images in every layer, in the order of ``images``."""
        return gather_all(self.layers, images, pinned=self.device.type == "cuda")


def load_fit_data(
    features: Features,
    responses: xr.Dataset,
    *,
    single_trials: bool,
    grid: int | None = None,
    memory: float | None = None,
    device: torch.device = CPU,
    low_memory: bool = False,
) -> FitData:
    """Load responses into memory, and features if they fit there.

    Parameters
    ----------
    features
        Open feature store of the subject's images.
    responses
        Dataset of kind ``responses``.
    single_trials
        Whether to fit and score single trials; otherwise the mean over the repeats of each image.
    grid
        Side of the grid that tokens are averaged to, see
        :func:`cortexlens.encoding.layers.coarsen`; None takes the grid of the features.
    memory, device, low_memory
        Where features are kept, see :func:`cortexlens.encoding.layers.open_layers`.

    Returns
    -------
    FitData

    Raises
    ------
    CortexlensError
        If the features are of other images than the responses, responses are not finite, a part of
        the split has fewer than two trials, or ``grid`` or ``memory`` is not allowed.
    """
    ids = responses["image_id"].values.tolist()
    if features.attributes["image_ids_hash"] != ids_hash(ids):
        raise CortexlensError(
            f"{features.path}: found features of {features.n_images} images, which are not the "
            f"{len(ids)} images of the responses in this order. Extract the features again."
        )
    response = responses["response"].values
    _check_finite(response)
    trial_image = responses["trial_image"].values
    repeats = np.ones(len(response), dtype=np.int64)
    if not single_trials:
        response, trial_image, repeats = average_repeats(response, trial_image)
    split = responses["split"].values
    _check_parts(split[trial_image], "trials" if single_trials else "images")
    layers = open_layers(features, grid or features.grid, memory, device, low_memory)
    return FitData(layers, response, trial_image, split, repeats, device, low_memory)


def _check_finite(response: Float[np.ndarray, "trial vertex"]) -> None:
    """Raise an error if any response is not finite; imported responses always are."""
    finite = np.ones(response.shape[1], bool)
    for start in range(0, len(response), _TRIALS):
        finite &= np.isfinite(response[start : start + _TRIALS]).all(axis=0)
    if not finite.all():
        raise CortexlensError(
            f"the responses of {int((~finite).sum())} of {finite.size} vertices hold values that "
            f"are not finite; the first is vertex {int(np.argmin(finite))} (from 0). Import the "
            "responses again, without these vertices."
        )


def _check_parts(parts: Int[np.ndarray, " trial"], what: str) -> None:
    """Raise an error if a part of the split has fewer than two trials, so that nothing varies."""
    for part, name in enumerate(SPLIT_NAMES):
        count = np.count_nonzero(parts == part)
        if count < 2:
            raise CortexlensError(
                f"the responses store holds {count} {name} {what}; at least 2 are needed for "
                "fitting and scoring. Add images, or change split in the config."
            )


def average_repeats(
    response: Float[np.ndarray, "trial vertex"], trial_image: Int[np.ndarray, " trial"]
) -> tuple[Float[np.ndarray, "seen vertex"], Int[np.ndarray, " seen"], Int[np.ndarray, " seen"]]:
    """Average the responses over the repeats of each image.

    Parameters
    ----------
    response
        Responses of single trials.
    trial_image
        Image index of each trial.

    Returns
    -------
    response
        Mean response to each image that was shown, float32.
    image
        Index of each of these images, ascending.
    repeats
        Number of trials that each mean is taken over.
    """
    images, position, counts = np.unique(trial_image, return_inverse=True, return_counts=True)
    order = np.argsort(position, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(response[order], starts, axis=0, dtype=np.float32)
    return sums / counts[:, None].astype(np.float32), images, counts
