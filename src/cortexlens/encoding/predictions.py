"""What fitted models predict, and how well; several models on one pass over the features."""

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
    """Predicted responses to some images, a batch at a time, by each model.

    Parameters
    ----------
    models
        All on one device.
    data
        Features.
    images
        Indices.
    batch_size
        Images a batch.

    Yields
    ------
    list of ndarray
        One a model, in the units of the responses that it was fitted to.
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
    """Predicted responses to some images, in the units of the responses fitted to."""
    batches = predicted_batches([model], data, images, batch_size)
    return np.concatenate([predicted for (predicted,) in batches])


def mean_prediction(
    models: Sequence[FactorTopy], data: FitData
) -> Float[np.ndarray, "image vertex"]:
    """Predictions for every image, averaged over the models."""
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
    """Raw R² of every vertex over the trials of one part of the split, by each model."""
    observed, image = data.observed(part)
    images, position = np.unique(image, return_inverse=True)
    by_model = zip(*predicted_batches(models, data, images), strict=True)
    return [r2_score(observed, np.concatenate(batches)[position]) for batches in by_model]


def score_on(model: FactorTopy, data: FitData, part: int) -> Float[np.ndarray, " vertex"]:
    """Raw R² of every vertex over the trials of one part of the split."""
    return scores_on([model], data, part)[0]


def predicted_responses(
    model: Callable[[list[Tensor]], Tensor], data: FitData, batch_size: int = 256
) -> Float[np.ndarray, "image vertex"]:
    """Predictions of a model that has no selectors, for every image.

    Parameters
    ----------
    model
        From tokens of every layer to responses.
    data
        Features.
    batch_size
        Images a batch.
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
