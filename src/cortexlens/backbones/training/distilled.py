"""Self-distillation without labels: a student learns what a slow copy of it sees (DINO).

Caron et al. 2021, arXiv 2104.14294: the teacher is a moving average of the student; its outputs
are centred, so that no answer wins everywhere, and sharpened, so that answers are not all alike.
Answers are centred by Sinkhorn and Knopp's rounds, and pictures kept apart, as in DINOv2 (Oquab et
al. 2023, arXiv 2304.07193): with a moving mean as the centre, runs this short end in collapse.
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

RECIPE = Recipe(epochs=2, batch_size=48, muon_rate=2e-3)
N_PROTOTYPES = 64
GLOBAL_AREA = (0.4, 1.0)
LOCAL_AREA = (0.1, 0.4)
N_LOCAL = 1
TEACHER_KEPT = 0.4
STUDENT_KEPT = 0.25
STUDENT_TEMPERATURE = 0.1
TEACHER_TEMPERATURE = 0.05
FIRST_MOMENTUM = 0.97
CENTRING_ROUNDS = 3
SPREAD_WEIGHT = 0.1


class Head(nn.Module):
    """From the class token to scores of prototypes."""

    def __init__(self, width: int) -> None:
        super().__init__()
        # Class tokens are nearly alike at first; normed over the batch, they differ from the start.
        self.layers = nn.Sequential(
            nn.BatchNorm1d(width, affine=False),
            nn.Linear(width, 256),
            nn.BatchNorm1d(256),
            nn.GELU(),
            nn.Linear(256, 64),
        )
        self.prototypes = nn.Parameter(torch.randn(N_PROTOTYPES, 64))

    def forward(self, summary: Float[Tensor, "batch channel"]) -> Float[Tensor, "batch prototype"]:
        """Cosine of each picture's code with each prototype."""
        code = functional.normalize(self.layers(summary))
        return code @ functional.normalize(self.prototypes).T


def centred(
    scores: Float[Tensor, "batch prototype"],
) -> Float[Tensor, "batch prototype"]:
    """Turn scores into answers that use every prototype equally often over the batch.

    Rounds of Sinkhorn and Knopp (Caron et al. 2020, arXiv 2006.09882): columns and rows are scaled
    in turn.

    Parameters
    ----------
    scores
        Of the teacher, divided by its temperature.

    Returns
    -------
    Float[Tensor, "batch prototype"]
        Rows sum to 1.
    """
    logs = scores
    for _ in range(CENTRING_ROUNDS):
        logs = logs - logs.logsumexp(dim=0, keepdim=True)
        logs = logs - logs.logsumexp(dim=1, keepdim=True)
    return logs.exp()


def crowding(summary: Float[Tensor, "batch channel"]) -> Float[Tensor, ""]:
    """Tell how near each picture's nearest neighbour is: −log of the distance, on the sphere.

    The estimate of (negative) entropy by Kozachenko and Leonenko; Sablayrolles et al. 2019, arXiv
    1806.03198.
    """
    codes = functional.normalize(summary)
    with torch.no_grad():
        nearest = (codes @ codes.T).fill_diagonal_(-2).argmax(dim=1)
    return -torch.log((codes - codes[nearest]).norm(dim=1) + 1e-6).mean()


class Distilled(Task):
    """Student and teacher; the teacher is the network that ships.

    The student sees fewer patches than the teacher, and a small window besides.
    """

    def __init__(self, network: nn.Module, pool: Pool, seed: int) -> None:
        super().__init__(network.requires_grad_(False), pool, seed)
        width = network.num_features
        assert isinstance(width, int)
        self.student = copy.deepcopy(network).requires_grad_(True)
        self.student_head = Head(width)
        self.teacher_head = copy.deepcopy(self.student_head).requires_grad_(False)

    def _view(
        self, inputs: Float[Tensor, "batch 3 height width"], area: tuple[float, float]
    ) -> Float[Tensor, "batch 3 height width"]:
        return recolour(random_crop(inputs, self.generator, area), self.generator)

    def _kept(self, views: Tensor, share: float) -> Int[Tensor, "batch kept"]:
        return draw_kept(len(views), 144, share, self.generator)

    def loss(self, index: Int[Tensor, " batch"], progress: float) -> Float[Tensor, ""]:
        """Cross-entropy of the student's answer with the teacher's to another view."""
        B = len(index)
        inputs = standardise(self.pixels[index])
        wide = torch.cat([self._view(inputs, GLOBAL_AREA) for _ in range(2)])
        small = [self._view(inputs, LOCAL_AREA) for _ in range(N_LOCAL)]
        with torch.no_grad():
            summary = encode(self.network, wide, self._kept(wide, TEACHER_KEPT))[:, 0]
            answers = centred(self.teacher_head(summary) / TEACHER_TEMPERATURE)
        views = torch.cat([wide, *small])
        summary = encode(self.student, views, self._kept(views, STUDENT_KEPT))[:, 0]
        guesses = (self.student_head(summary) / STUDENT_TEMPERATURE).log_softmax(dim=-1)
        pairs = [
            -(answer * guess).sum(dim=-1).mean()
            for i, answer in enumerate(answers.split(B))
            for j, guess in enumerate(guesses.split(B))
            if i != j
        ]
        apart = sum(crowding(part) for part in summary[: 2 * B].split(B)) / 2
        return torch.stack(pairs).mean() + SPREAD_WEIGHT * apart

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
        view = recolour(random_crop(inputs, generator, GLOBAL_AREA), generator)
        summary = [encode(network, batch)[:, 0] for batch in view.split(64)]
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
