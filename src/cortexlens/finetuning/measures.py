"""How well classes are told apart."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int

from cortexlens.finetuning.examples import Examples
from cortexlens.finetuning.tuner import Tuner


class Accuracy(NamedTuple):
    """Shares of pictures whose class is found, 0 to 1.

    Attributes
    ----------
    plain
        Of all pictures.
    balanced
        Mean over classes of the share within the class: what counts where one class is common.
    """

    plain: float
    balanced: float


def accuracy(true: Int[np.ndarray, " image"], found: Int[np.ndarray, " image"]) -> Accuracy:
    """Compare classes found with the true ones."""
    from sklearn.metrics import balanced_accuracy_score

    return Accuracy(float((true == found).mean()), float(balanced_accuracy_score(true, found)))


@torch.inference_mode()
def measure(tuner: Tuner, examples: Examples, batch_size: int = 32) -> Accuracy:
    """Measure a network's accuracy, in evaluation mode."""
    tuner.eval()
    found = []
    for start in range(0, len(examples), batch_size):
        rows = range(start, min(start + batch_size, len(examples)))
        found.append(tuner(examples.batch(rows)[0]).argmax(1).cpu().numpy())
    return accuracy(examples.labels, np.concatenate(found))


def commonest_share(labels: Int[np.ndarray, " image"]) -> float:
    """Accuracy of always naming the commonest class."""
    return float(np.bincount(labels).max() / len(labels))
