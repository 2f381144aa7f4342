"""Features and responses of one fit, side by side, split by image."""

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

_TRIALS = 1024  # looked at together


@dataclass(frozen=True)
class FitData:
    """What a readout is fitted to and scored on.

    Attributes
    ----------
    layers
        Tokens of each layer, (image, token, channel) float16: in memory, on the GPU, or streamed
        from the store.
    response
        (trial, vertex); with averaged repeats, one trial an image.
    trial_image
        Index on the image axis of each trial.
    split
        Code of each image: train, validation, test.
    repeats
        How many presentations each row of ``response`` is the mean of.
    device
        That fits and predictions are computed on.
    low_memory
        Copy responses and features to it batch by batch.
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
        """Whether features are read from their store while they are used."""
        return any(isinstance(layer, StreamedLayer) for layer in self.layers)

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
        """Tokens of some images in every layer, as stored, in the order asked for."""
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
    """Read responses into memory, and features as far as they fit there.

    Parameters
    ----------
    features
        Open feature store of the subject's images.
    responses
        Store of kind ``responses``.
    single_trials
        Fit and score single presentations; otherwise the mean over each image's repeats.
    grid
        Side of the grid that is read, see :func:`cortexlens.encoding.layers.coarsen`; that of the
        features when left out.
    memory, device, low_memory
        Where features are kept, see :func:`cortexlens.encoding.layers.open_layers`.

    Returns
    -------
    FitData

    Raises
    ------
    CortexlensError
        If the features are of other images, fewer than two trials are in a part of the split, or
        ``grid`` or ``memory`` cannot be used.
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
    """Refuse responses that no import of ours writes."""
    finite = np.ones(response.shape[1], bool)
    for start in range(0, len(response), _TRIALS):
        finite &= np.isfinite(response[start : start + _TRIALS]).all(axis=0)
    if not finite.all():
        raise CortexlensError(
            f"the responses of {int((~finite).sum())} of {finite.size} vertices hold values that "
            f"are not finite; the first is vertex {int(np.argmin(finite))} (from 0). Import the "
            "responses anew, without these vertices."
        )


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
