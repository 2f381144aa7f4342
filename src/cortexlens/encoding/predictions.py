"""Predict responses with fitted models and score them; several models share a pass over images."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.batches import feature_batches
from cortexlens.encoding.data import FitData
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.scores import r2_score


def predicted_batches(
    models: Sequence[FactorTopy],
    data: FitData,
    images: Int[np.ndarray, " image"],
    batch_size: int = 64,
) -> Iterator[list[Float[np.ndarray, "batch vertex"]]]:
    """Predict responses to some images with several models, batch by batch.

    Parameters
    ----------
    models
        Models, all on the same device.
    data
        Data with the features.
    images
        Indices of the images.
    batch_size
        Images per batch.

    Yields
    ------
    list of ndarray
        Predictions of each model for a batch, in the units of the responses it was fitted to.
    """
    with torch.inference_mode():
        selectors = [model.eval().selectors() for model in models]
    with closing(feature_batches(data, images, batch_size, models[0].weight.device)) as batches:
        for features in batches:
            with torch.inference_mode():
                predicted = [
                    model(features, chosen).cpu().numpy()
                    for model, chosen in zip(models, selectors, strict=True)
                ]
            yield predicted


def predict_images(
    model: FactorTopy, data: FitData, images: Int[np.ndarray, " image"], batch_size: int = 64
) -> Float[np.ndarray, "image vertex"]:
    """Predict responses to some images, in the units of the responses that the model was fitted to.

    Parameters
    ----------
    model
        Fitted model.
    data, images, batch_size
        As for :func:`predicted_batches`.
    """
    batches = predicted_batches([model], data, images, batch_size)
    return np.concatenate([predicted for (predicted,) in batches])


def mean_prediction(
    models: Sequence[FactorTopy], data: FitData
) -> Float[np.ndarray, "image vertex"]:
    """Predict the response to every image, averaged over the models of a fit.

    Parameters
    ----------
    models
        Models, all on the same device.
    data
        Data with the features.
    """
    mean = np.zeros((len(data.split), data.response.shape[1]), dtype=np.float32)
    start = 0
    for batch in predicted_batches(models, data, np.arange(len(mean))):
        stop = start + len(batch[0])
        for predicted in batch:
            mean[start:stop] += predicted / len(models)
        start = stop
    return mean


def scores_on(
    models: Sequence[FactorTopy], data: FitData, part: int
) -> list[Float[np.ndarray, " vertex"]]:
    """Compute each model's raw R² of every vertex over the trials of one part of the split.

    Parameters
    ----------
    models
        Models, all on the same device.
    data
        Features and responses.
    part
        Code of the part: training, validation or test.

    Returns
    -------
    list of ndarray
        R² of each vertex, for each model; NaN for constant responses.
    """
    observed, image = data.observed(part)
    images, position = np.unique(image, return_inverse=True)
    by_model = zip(*predicted_batches(models, data, images), strict=True)
    return [r2_score(observed, np.concatenate(batches)[position]) for batches in by_model]


def score_on(model: FactorTopy, data: FitData, part: int) -> Float[np.ndarray, " vertex"]:
    """Compute the raw R² of every vertex over the trials of one part of the split.

    Parameters
    ----------
    model
        Fitted model.
    data, part
        As for :func:`scores_on`.
    """
    return scores_on([model], data, part)[0]


def predicted_responses(
    model: Callable[[list[Tensor]], Tensor], data: FitData, batch_size: int = 256
) -> Float[np.ndarray, "image vertex"]:
    """Predict the response to every image with a model without selectors.

    Parameters
    ----------
    model
        Function from the tokens of every layer to responses.
    data
        Data with the features.
    batch_size
        Images per batch.
    """
    images = np.arange(len(data.split))
    predicted = np.empty((len(images), data.response.shape[1]), dtype=np.float32)
    with (
        torch.inference_mode(),
        closing(feature_batches(data, images, batch_size, data.device)) as batches,
    ):
        for number, features in enumerate(batches):
            start = number * batch_size
            predicted[start : start + batch_size] = model(features).cpu().numpy()
    return predicted
