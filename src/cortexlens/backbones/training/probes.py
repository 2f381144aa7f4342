"""Evaluation of a network's tokens: linear read-outs, nearest neighbours, retrieval."""

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor, nn

from cortexlens.backbones.training.pool import standardise
from cortexlens.backbones.training.tokens import encode

# Number of captions to choose from in retrieval.
GROUP = 64
PENALTIES = np.logspace(-1, 5, 7)


@torch.no_grad()
def features(
    network: nn.Module, pixels: UInt8[Tensor, "image 3 height width"], batch_size: int = 64
) -> Float[np.ndarray, "image channel"]:
    """Class token and mean patch token of the last layer, concatenated, for each image.

    Parameters
    ----------
    network
        A network of the zoo.
    pixels
        Red, green, blue, 0 to 255.
    batch_size
        Number of images per forward pass.
    """
    network.eval()
    found = []
    for batch in torch.split(pixels, batch_size):
        tokens = encode(network, standardise(batch))
        found.append(torch.cat([tokens[:, 0], tokens[:, 1:].mean(dim=1)], dim=1))
    return torch.cat(found).numpy()


def class_tokens(
    network: nn.Module, pixels: UInt8[Tensor, "image 3 height width"]
) -> Float[np.ndarray, "image channel"]:
    """Class token of the last layer for each image."""
    found = features(network, pixels)
    return found[:, : found.shape[1] // 2]


def read_out(
    train: Float[np.ndarray, "image channel"],
    targets: Float[np.ndarray, "image target"],
    test: Float[np.ndarray, "other channel"],
) -> Float[np.ndarray, "other target"]:
    """Fit a ridge regression, with leave-one-out choice of the penalty, and predict new images.

    Parameters
    ----------
    train, test
        Features of the images to fit on, and of those to predict.
    targets
        Target values for each image of ``train``.
    """
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), RidgeCV(PENALTIES, alpha_per_target=True))
    predicted: np.ndarray = model.fit(train, targets).predict(test)
    return predicted.reshape(len(test), -1)


def mean_average_precision(
    scores: Float[np.ndarray, "image target"], present: Bool[np.ndarray, "image target"]
) -> float:
    """Average precision of detecting each target from its scores, averaged over targets.

    Parameters
    ----------
    scores
        Score of each target in each image; higher means more likely present.
    present
        Whether each target is present.
    """
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(present, scores, average="macro"))


def neighbour_accuracy(
    train: Float[np.ndarray, "image channel"],
    labels: list[str],
    test: Float[np.ndarray, "other channel"],
    truth: list[str],
    k: int = 20,
) -> float:
    """Accuracy of k-nearest-neighbour classification by cosine of standardised features.

    Parameters
    ----------
    train, labels
        Features and labels of the reference images.
    test, truth
        Features and labels of the images to classify.
    k
        Number of neighbours, weighted by inverse distance.
    """
    from sklearn.neighbors import KNeighborsClassifier

    centre, spread = train.mean(axis=0), train.std(axis=0) + 1e-6
    model = KNeighborsClassifier(min(k, len(train)), weights="distance", metric="cosine")
    model.fit((train - centre) / spread, labels)
    return float(model.score((test - centre) / spread, truth))


def retrieval_top1(
    images: Float[np.ndarray, "image channel"],
    texts: Float[np.ndarray, "image channel"],
    captions: list[str],
) -> float:
    """Fraction of images whose own caption is the nearest by cosine within a group of 64.

    Parameters
    ----------
    images, texts
        Embeddings of images and of their captions.
    captions
        The captions; an identical caption counts as the image's own. Images that do not fill the
        last group are left out.
    """
    images, texts = (
        values / np.linalg.norm(values, axis=1, keepdims=True) for values in (images, texts)
    )
    right = []
    for start in range(0, len(images) - GROUP + 1, GROUP):
        part = slice(start, start + GROUP)
        best = (images[part] @ texts[part].T).argmax(axis=1)
        own = captions[part]
        right += [own[choice] == caption for choice, caption in zip(best, own, strict=True)]
    return float(np.mean(right))
