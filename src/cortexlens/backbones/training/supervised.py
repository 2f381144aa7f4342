"""Supervised training: categories, attributes and positions of objects, and background."""

from collections import Counter

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from cortexlens.backbones.training.loop import Recipe, Task
from cortexlens.backbones.training.pool import Pool, jitter, standardise
from cortexlens.backbones.training.probes import (
    class_tokens,
    features,
    mean_average_precision,
    read_out,
)
from cortexlens.backbones.training.tokens import draw_kept, encode
from cortexlens.study.simulation.backgrounds import BACKGROUNDS
from cortexlens.study.simulation.scenes import CATEGORIES

RECIPE = Recipe(epochs=4)
GRID = 12
# Objects that cover less than this fraction of the image are not targets; on average, objects
# cover 6 % of a scene.
LEAST_VISIBLE = 0.005
LEAST_SHARE = 0.005
# Positions are the most informative targets, since each patch is an example; kinds and colours are
# many but rare.
PLACE_WEIGHT = 5.0
ATTRIBUTE_WEIGHT = 0.2
KEPT = 0.4
ALL_PATCHES_FROM = 0.9


def presence(pool: Pool) -> Bool[np.ndarray, "image category"]:
    """Tell which categories of object are visible in each scene."""
    seen = np.zeros((len(pool), len(CATEGORIES)), bool)
    for row, objects in enumerate(pool.table["objects"]):
        for thing in objects:
            if thing["visible"] >= LEAST_VISIBLE:
                seen[row, CATEGORIES.index(thing["category"])] = True
    return seen


def backgrounds(pool: Pool) -> Int[np.ndarray, " image"]:
    """Background of each scene, as an index into the names of backgrounds."""
    names = list(BACKGROUNDS)
    return np.array([names.index(name) for name in pool.table["background"]])


def _words(thing: dict[str, str]) -> tuple[str, str]:
    """Label an object by kind (words: without their letters) and by colour."""
    kind = "" if thing["category"] == "word" else thing["kind"]
    return f"{thing['category']} {kind}", f"{thing['category']} {thing['colour']}"


def attributes(pool: Pool) -> Float[np.ndarray, "image attribute"]:
    """Tell which kinds and colours of object are in each scene; rare ones are left out."""
    sets = [
        {word for thing in objects if thing["visible"] >= LEAST_VISIBLE for word in _words(thing)}
        for objects in pool.table["objects"]
    ]
    counts = Counter(word for words in sets for word in words)
    known = sorted(word for word, count in counts.items() if count >= LEAST_SHARE * len(sets))
    return np.array([[word in words for word in known] for words in sets], np.float32)


def coverage(pool: Pool) -> Float[np.ndarray, "image token category"]:
    """Tell whether each patch's centre is in the bounding box of an object of each category."""
    centres = (np.arange(GRID) + 0.5) * 2 / GRID - 1
    found = np.zeros((len(pool), GRID, GRID, len(CATEGORIES)), np.float32)
    for row, objects in enumerate(pool.table["objects"]):
        for thing in objects:
            if thing["visible"] < LEAST_VISIBLE:
                continue
            across = abs(centres - thing["x"]) <= thing["width"] / 2
            down = abs(centres - thing["y"]) <= thing["height"] / 2
            found[row, down[:, None] & across[None, :], CATEGORIES.index(thing["category"])] = 1
    return found.reshape(len(pool), GRID * GRID, len(CATEGORIES))


def _head(width: int, targets: Float[Tensor, "row target"]) -> nn.Linear:
    """Make a linear head whose initial predictions are the frequencies of the targets."""
    head = nn.Linear(width, targets.shape[1])
    with torch.no_grad():
        head.bias.copy_(targets.mean(dim=0).clamp(0.001, 0.999).logit())
    return head


class Supervised(Task):
    """Training of linear heads for categories, attributes and background, and for positions.

    The first three use the class token, the last one patch tokens. The network sees two fifths of
    the patches until the last tenth of the training, then all.
    """

    def __init__(self, network: nn.Module, pool: Pool, seed: int) -> None:
        super().__init__(network, pool, seed)
        self.presence = torch.from_numpy(presence(pool)).float()
        self.attributes = torch.from_numpy(attributes(pool))
        self.backgrounds = torch.from_numpy(backgrounds(pool))
        self.coverage = torch.from_numpy(coverage(pool))
        width = network.num_features
        assert isinstance(width, int)
        self.category_head = _head(width, self.presence)
        self.attribute_head = _head(width, self.attributes)
        self.background_head = nn.Linear(width, len(BACKGROUNDS))
        self.place_head = _head(width, self.coverage.flatten(0, 1))

    def loss(self, index: Int[Tensor, " batch"], progress: float) -> Float[Tensor, ""]:
        """Weighted sum of the cross-entropies of the four heads, each summed over its targets."""
        inputs = jitter(standardise(self.pixels[index]), self.generator)
        share = KEPT if progress < ALL_PATCHES_FROM else 1.0
        kept = draw_kept(len(index), GRID * GRID, share, self.generator)
        tokens = encode(self.network, inputs, kept)
        summary, places = tokens[:, 0], self.place_head(tokens[:, 1:])
        covered = self.coverage[index[:, None], kept]
        heads = [
            (self.category_head(summary), self.presence[index], 1.0),
            (self.attribute_head(summary), self.attributes[index], ATTRIBUTE_WEIGHT),
            (places, covered, PLACE_WEIGHT / places.shape[1]),
        ]
        total = functional.cross_entropy(self.background_head(summary), self.backgrounds[index])
        for logits, targets, weight in heads:
            error = functional.binary_cross_entropy_with_logits(logits, targets, reduction="sum")
            total = total + weight * error / len(index)
        return total

    @torch.no_grad()
    def name(
        self, summary: Float[np.ndarray, "image channel"]
    ) -> tuple[Float[np.ndarray, "image category"], Float[np.ndarray, "image background"]]:
        """Scores of categories and backgrounds, from class tokens of this network."""
        tokens = torch.from_numpy(summary)
        return self.category_head(tokens).numpy(), self.background_head(tokens).numpy()


def measure(
    task: Supervised, untrained: nn.Module, train: Pool, test: Pool
) -> dict[str, dict[str, float]]:
    """Evaluate the classification of held-out scenes.

    Parameters
    ----------
    task
        The task after training.
    untrained
        The network before training; a linear read-out of its features is fitted on ``train``.
    train, test
        Scenes to fit that read-out on, and held-out scenes.

    Returns
    -------
    dict
        Figure → values for ``trained`` and ``untrained``.
    """
    categories, kinds = task.name(class_tokens(task.network, test.pixels))
    hot = np.eye(len(BACKGROUNDS))[backgrounds(train)]
    targets = np.hstack([presence(train), hot]).astype(np.float64)
    plain = read_out(features(untrained, train.pixels), targets, features(untrained, test.pixels))
    present, truth = presence(test), backgrounds(test)
    n = len(CATEGORIES)
    return {
        "category_map": {
            "trained": mean_average_precision(categories, present),
            "untrained": mean_average_precision(plain[:, :n], present),
        },
        "background_accuracy": {
            "trained": float((kinds.argmax(axis=1) == truth).mean()),
            "untrained": float((plain[:, n:].argmax(axis=1) == truth).mean()),
        },
    }
