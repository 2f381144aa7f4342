"""Self-distillation without labels: a student learns from its own moving average (MoCo v3).

Chen, Xie & He 2021, arXiv 2104.02057: the teacher is a moving average of the student. From one view
of an image the student predicts the teacher's embedding of another view, and has to identify the
image within the batch by cosine similarity. This contrast with other images prevents a collapse of
the embeddings; centred and sharpened prototypes (DINO, arXiv 2104.14294) collapse in runs as short
as this one.
"""

import copy
import math

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from cortexlens.backbones.training.loop import Recipe, Task
from cortexlens.backbones.training.pool import Pool, random_crop, recolour, standardise
from cortexlens.backbones.training.probes import class_tokens, neighbour_accuracy, retrieval_top1
from cortexlens.backbones.training.tokens import draw_kept, encode

RECIPE = Recipe(epochs=11, batch_size=64, muon_rate=1e-2)
EMBEDDING = 64
AREA = (0.4, 1.0)
TEACHER_KEPT = 0.4
STUDENT_KEPT = 0.25
TEMPERATURE = 0.2
FIRST_MOMENTUM = 0.97


def _head(width: int) -> nn.Sequential:
    """Embedding head with batch normalisation, as initial class tokens are almost identical."""
    return nn.Sequential(
        nn.BatchNorm1d(width, affine=False),
        nn.Linear(width, 256),
        nn.BatchNorm1d(256),
        nn.GELU(),
        nn.Linear(256, EMBEDDING),
    )


def mismatch(
    guesses: Float[Tensor, "batch embedding"], answers: Float[Tensor, "batch embedding"]
) -> Float[Tensor, ""]:
    """Cross-entropy of identifying each prediction's own target within the batch, by cosine.

    Parameters
    ----------
    guesses, answers
        Predictions of the student and targets of the teacher, for the same images in the same
        order.
    """
    cosine = functional.normalize(guesses) @ functional.normalize(answers).T
    return functional.cross_entropy(cosine / TEMPERATURE, torch.arange(len(cosine)))


class Distilled(Task):
    """Training of a student and its teacher; the teacher is the network that is shipped.

    The student sees fewer patches than the teacher.
    """

    def __init__(self, network: nn.Module, pool: Pool, seed: int) -> None:
        super().__init__(network.requires_grad_(False), pool, seed)
        width = network.num_features
        assert isinstance(width, int)
        self.student = copy.deepcopy(network).requires_grad_(True)
        self.student_head = _head(width)
        self.teacher_head = copy.deepcopy(self.student_head).requires_grad_(False)
        self.foretell = _head(EMBEDDING)

    def _kept(self, views: Tensor, share: float) -> Int[Tensor, "batch kept"]:
        return draw_kept(len(views), 144, share, self.generator)

    def loss(self, index: Int[Tensor, " batch"], progress: float) -> Float[Tensor, ""]:
        """Mean cross-entropy of predicting each of two views from the other."""
        inputs = standardise(self.pixels[index])
        views = torch.cat([view_of(inputs, self.generator) for _ in range(2)])
        with torch.no_grad():
            seen = encode(self.network, views, self._kept(views, TEACHER_KEPT))[:, 0]
            first_answers, second_answers = self.teacher_head(seen).chunk(2)
        seen = encode(self.student, views, self._kept(views, STUDENT_KEPT))[:, 0]
        first, second = self.foretell(self.student_head(seen)).chunk(2)
        return (mismatch(first, second_answers) + mismatch(second, first_answers)) / 2

    @torch.no_grad()
    def after_step(self, progress: float) -> None:
        """Update the teacher's moving average, with increasing momentum."""
        momentum = 1 - (1 - FIRST_MOMENTUM) * (math.cos(math.pi * progress) + 1) / 2
        for ours, theirs in (
            (self.network, self.student),
            (self.teacher_head, self.student_head),
        ):
            for slow, fast in zip(ours.parameters(), theirs.parameters(), strict=True):
                slow.lerp_(fast, 1 - momentum)


def view_of(
    inputs: Float[Tensor, "batch 3 height width"], generator: torch.Generator
) -> Float[Tensor, "batch 3 height width"]:
    """Draw a random window of each image, possibly mirrored, with changed colours.

    Parameters
    ----------
    inputs
        Standardised pixels.
    generator
        Generator of the windows and colours.
    """
    return recolour(random_crop(inputs, generator, AREA), generator)


@torch.no_grad()
def view_accuracy(network: nn.Module, pool: Pool, seed: int = 1) -> float:
    """Fraction of scenes whose other view is the nearest by cosine among the views of 64 scenes.

    Parameters
    ----------
    network
        The network, in evaluation mode.
    pool
        Held-out scenes.
    seed
        Seed of the two views of each scene, which are drawn as in training.
    """
    generator = torch.Generator().manual_seed(seed)
    inputs, found = standardise(pool.pixels), []
    for _ in range(2):
        summary = [encode(network, part)[:, 0] for part in view_of(inputs, generator).split(64)]
        found.append(torch.cat(summary).numpy())
    names = [str(number) for number in range(len(pool))]
    return retrieval_top1(found[0], found[1], names)


def measure(
    task: Distilled, untrained: nn.Module, train: Pool, test: Pool
) -> dict[str, dict[str, float]]:
    """Evaluate how well class tokens identify two views of the same held-out scene.

    This is the training objective. The accuracy of nearest-neighbour classification, which is not
    part of the objective, shows whether scenes of a kind are close as well.

    Parameters
    ----------
    task
        The task after training.
    untrained
        The network before training.
    train, test
        Scenes with known labels and backgrounds, and held-out scenes.

    Returns
    -------
    dict
        Figure → values for ``trained`` and ``untrained``.
    """
    figures: dict[str, dict[str, float]] = {}
    for name, network in (("trained", task.network), ("untrained", untrained)):
        views = figures.setdefault("view_top1_of_64", {})
        views[name] = view_accuracy(network, test)
        near, far = (class_tokens(network, pool.pixels) for pool in (train, test))
        for column in ("label", "background"):
            looked_up, truth = (pool.table[column].tolist() for pool in (train, test))
            values = figures.setdefault(f"neighbour_{column}", {})
            values[name] = neighbour_accuracy(near, looked_up, far, truth)
    return figures
