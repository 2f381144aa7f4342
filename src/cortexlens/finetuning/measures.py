"""Classification accuracy."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int

from cortexlens.finetuning.examples import Examples
from cortexlens.finetuning.tuner import Tuner


class Accuracy(NamedTuple):
    """Fractions of correctly classified images, 0 to 1.

    Attributes
    ----------
    plain
        Fraction of all images.
    balanced
        Mean over classes of the fraction within the class, which common classes do not dominate.
    """

    plain: float
    balanced: float


def accuracy(true: Int[np.ndarray, " image"], found: Int[np.ndarray, " image"]) -> Accuracy:
    """Compute the accuracy of predicted classes.

    Parameters
    ----------
    true
        Index of each image's true class.
    found
        Index of each image's predicted class.
    """
    from sklearn.metrics import balanced_accuracy_score

    return Accuracy(float((true == found).mean()), float(balanced_accuracy_score(true, found)))


@torch.inference_mode()
def measure(tuner: Tuner, examples: Examples, batch_size: int = 32) -> Accuracy:
    """Measure a network's accuracy on labelled images, in evaluation mode.

    Parameters
    ----------
    tuner
        Network and head.
    examples
        Labelled images.
    batch_size
        Images per forward pass.
    """
    tuner.eval()
    predicted = []
    for start in range(0, len(examples), batch_size):
        rows = range(start, min(start + batch_size, len(examples)))
        predicted.append(tuner(examples.batch(rows)[0]).argmax(1).cpu().numpy())
    return accuracy(examples.labels, np.concatenate(predicted))


def commonest_share(labels: Int[np.ndarray, " image"]) -> float:
    """Return the accuracy of always predicting the most frequent class."""
    return float(np.bincount(labels).max() / len(labels))
