"""Codes of an autoencoder's units for each image, and mean responses to the images."""

from typing import Final

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float16, Float32, Int

from cortexlens.errors import CortexlensError
from cortexlens.features.store import Features, ids_hash
from cortexlens.progress import track
from cortexlens.sae.model import Sae
from cortexlens.sae.tokens import Tokens

POOLINGS: Final = ("max", "mean")
_IMAGES, _TRIALS = 64, 2048  # numbers read at once
_LARGEST: Final = float(np.finfo(np.float16).max)


def image_codes(
    features: Features, layer: str, encoder: Sae, pooling: str
) -> Float16[np.ndarray, "image unit"]:
    """Encode every image, pooling codes over tokens, one block of images at a time.

    Parameters
    ----------
    features
        Feature store of the subject's images.
    layer
        Name of the layer.
    encoder
        Autoencoder of this layer.
    pooling
        ``max`` or ``mean`` over token positions; matters only for autoencoders of local tokens.

    Returns
    -------
    ndarray
        Non-negative codes, clipped to the range of float16.

    Raises
    ------
    CortexlensError
        If ``pooling`` is unknown, or the store has no such layer.
    """
    if pooling not in POOLINGS:
        raise CortexlensError(f"--pooling: found {pooling!r}; allowed are {', '.join(POOLINGS)}.")
    images = np.arange(features.n_images)
    places = np.stack([np.zeros_like(images), images], axis=1)
    tokens = Tokens([features], layer, encoder.tokens, places, memory=0)
    codes = np.empty((len(images), encoder.n_units), np.float16)
    blocks = [images[start : start + _IMAGES] for start in range(0, len(images), _IMAGES)]
    for block in track(blocks, "blocks of images encoded"):
        with torch.inference_mode():
            coded = encoder.encode(tokens.take(block)).unflatten(0, (len(block), -1))
            pooled = coded.amax(dim=1) if pooling == "max" else coded.mean(dim=1)
        codes[block] = pooled.clamp(max=_LARGEST).numpy()
    return codes


def check_same_images(features: Features, responses: xr.Dataset) -> None:
    """Check that features and responses are of the same images in the same order.

    Parameters
    ----------
    features
        Open feature store.
    responses
        Dataset of kind ``responses``.

    Raises
    ------
    CortexlensError
        If the identifiers of images or their order differ.
    """
    if features.attributes["image_ids_hash"] != ids_hash(responses["image_id"].values.tolist()):
        raise CortexlensError(
            f"{features.path}: found features of {features.n_images} images, which are not the "
            f"{responses.sizes['image']} images of the responses in this order. Extract the "
            "features again."
        )


def mean_responses(
    responses: xr.Dataset,
) -> tuple[Float32[np.ndarray, "image vertex"], Int[np.ndarray, " image"]]:
    """Average the responses to each image over its trials, in the units of the data set.

    Trials are read in blocks, since those of a large data set do not fit into memory.

    Parameters
    ----------
    responses
        Dataset of kind ``responses``.

    Returns
    -------
    response
        Mean response to each image; 0 for images without trials.
    repeats
        Number of trials of each image.
    """
    trial_image = responses["trial_image"].values
    repeats = np.bincount(trial_image, minlength=responses.sizes["image"])
    mean = np.zeros((len(repeats), responses.sizes["vertex"]), np.float32)
    for start in range(0, len(trial_image), _TRIALS):
        trials = slice(start, start + _TRIALS)
        block = responses["response"].isel(trial=trials).values
        for image, response in zip(trial_image[trials], block, strict=True):
            mean[image] += response
    mean /= np.maximum(repeats, 1)[:, None].astype(np.float32)
    return mean, repeats
