"""Self-distillation without labels: a student learns what a slow copy of it sees (MoCo v3).

Chen, Xie & He 2021, arXiv 2104.02057: the teacher is a moving average of the student; from one view
of a picture the student foretells the teacher's answer to another, and which picture of the batch
it belongs to is told by cosine. That other pictures are told apart is what keeps the answers from
all becoming alike: prototypes that are centred and sharpened instead (DINO, arXiv 2104.14294)
collapse in runs as short as this one.
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
    """From a summary to its embedding, normed over the batch: class tokens start nearly alike."""
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
    """Cross-entropy of finding each guess's own answer among those of the batch, by cosine.

    Parameters
    ----------
    guesses, answers
        Of the student and of the teacher, the same pictures in the same order.
    """
    cosine = functional.normalize(guesses) @ functional.normalize(answers).T
    return functional.cross_entropy(cosine / TEMPERATURE, torch.arange(len(cosine)))


class Distilled(Task):
    """Student and teacher; the teacher is the network that ships.

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
        """Mismatch of the student's guesses from each of two views with answers to the other."""
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
        """Let the teacher follow the student, ever more slowly."""
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
    """Draw a window of each picture, mirrored or not, in other colours.

    Parameters
    ----------
    inputs
        Standardised pixels.
    generator
        Source of the random numbers.
    """
    return recolour(random_crop(inputs, generator, AREA), generator)


@torch.no_grad()
def view_accuracy(network: nn.Module, pool: Pool, seed: int = 1) -> float:
    """Part of scenes whose other view is nearest among the views of 64 scenes, by cosine.

    Parameters
    ----------
    network
        In evaluation mode.
    pool
        Held-out scenes.
    seed
        Of the two views of each, drawn as in training.
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
    """Measure telling by the class token which two views show the same held-out scene.

    That is what the training asks for. Whether scenes of one kind come together as well, which
    it does not ask for, is told beside it: naming scenes by their nearest neighbours.

    Parameters
    ----------
    task
        After training.
    untrained
        The network before training.
    train, test
        Scenes whose labels and backgrounds are looked up, and held-out scenes.

    Returns
    -------
    dict
        Figure to the values for ``trained`` and ``untrained``.
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
