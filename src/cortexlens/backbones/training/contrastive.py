"""Image–caption contrastive training with a tiny text encoder (Radford et al. 2021)."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from cortexlens.backbones.training.loop import Recipe, Task
from cortexlens.backbones.training.pool import Pool, jitter, standardise
from cortexlens.backbones.training.probes import (
    class_tokens,
    features,
    read_out,
    retrieval_top1,
)
from cortexlens.backbones.training.tokens import draw_kept, encode, small_transformer

RECIPE = Recipe(epochs=3.5, batch_size=64)
LEAST_CAPTIONS = 5
LONGEST = 48
TEXT_WIDTH = 96
EMBEDDING = 64
KEPT = 0.4
ALL_PATCHES_FROM = 0.9
PADDING, UNKNOWN = 0, 1


def words_of(caption: str) -> list[str]:
    """Split a caption into words, in lower case."""
    return re.findall(r"\w+", caption.lower())


class Vocabulary:
    """Token ids of words: 0 is padding, 1 any word that occurs in few captions.

    Parameters
    ----------
    captions
        Captions to count words in.
    least
        Minimum number of captions that contain a word for it to get an id.
    """

    def __init__(self, captions: Sequence[str], least: int = LEAST_CAPTIONS) -> None:
        counts = Counter(word for caption in captions for word in set(words_of(caption)))
        known = sorted(word for word, count in counts.items() if count >= least)
        self.numbers = {word: number for number, word in enumerate(known, 2)}

    def __len__(self) -> int:
        return len(self.numbers) + 2

    def encode(self, captions: Sequence[str]) -> Int[Tensor, "image word"]:
        """Token ids of each caption, truncated to 48 words and padded with zeros."""
        numbers = torch.full((len(captions), LONGEST), PADDING)
        for row, caption in enumerate(captions):
            found = [self.numbers.get(word, UNKNOWN) for word in words_of(caption)[:LONGEST]]
            numbers[row, : len(found)] = torch.tensor(found, dtype=torch.int64)
        return numbers


class TextEncoder(nn.Module):
    """Two transformer layers over a caption's words; the embedding is the mean over words."""

    def __init__(self, n_words: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(n_words, TEXT_WIDTH)
        self.places = nn.Parameter(0.02 * torch.randn(LONGEST, TEXT_WIDTH))
        self.transformer = small_transformer(TEXT_WIDTH, depth=2, heads=4)
        self.project = nn.Linear(TEXT_WIDTH, EMBEDDING)

    def forward(self, numbers: Int[Tensor, "batch word"]) -> Float[Tensor, "batch embedding"]:
        """Embed captions given as token ids; the result is not normalised."""
        longest = int((numbers != PADDING).sum(dim=1).max())
        numbers = numbers[:, :longest]
        words = self.embedding(numbers) + self.places[:longest]
        words = self.transformer(words, src_key_padding_mask=numbers == PADDING)
        mask = (numbers != PADDING).float()[..., None]
        embedded: Tensor = self.project((words * mask).sum(dim=1) / mask.sum(dim=1))
        return embedded


class Contrastive(Task):
    """Training that aligns class tokens with captions in a common space of 64 dimensions.

    The network sees two fifths of the patches until the last tenth of the training, then all.
    """

    def __init__(self, network: nn.Module, pool: Pool, seed: int) -> None:
        super().__init__(network, pool, seed)
        captions = pool.table["caption"].tolist()
        self.vocabulary = Vocabulary(captions)
        self.words = self.vocabulary.encode(captions)
        # scenes with the same caption are equally correct matches
        self.same = torch.unique(self.words, dim=0, return_inverse=True)[1]
        width = network.num_features
        assert isinstance(width, int)
        self.text = TextEncoder(len(self.vocabulary))
        self.project = nn.Linear(width, EMBEDDING)
        self.log_sharpness = nn.Parameter(torch.tensor(np.log(10.0), dtype=torch.float32))

    def loss(self, index: Int[Tensor, " batch"], progress: float) -> Float[Tensor, ""]:
        """Mean of the cross-entropies of identifying the caption and of identifying the image.

        Parameters
        ----------
        index
            Indices of the scenes.
        progress
            Fraction of the training that is done, 0 to 1.
        """
        inputs = jitter(standardise(self.pixels[index]), self.generator, strength=0.05)
        share = KEPT if progress < ALL_PATCHES_FROM else 1.0
        kept = draw_kept(len(index), 144, share, self.generator)
        images = functional.normalize(self.project(encode(self.network, inputs, kept)[:, 0]))
        texts = functional.normalize(self.text(self.words[index]))
        logits = images @ texts.T * self.log_sharpness.clamp(max=np.log(100.0)).exp()
        alike = (self.same[index][:, None] == self.same[index][None, :]).float()
        right = alike / alike.sum(dim=1, keepdim=True)
        return (
            functional.cross_entropy(logits, right) + functional.cross_entropy(logits.T, right)
        ) / 2

    @torch.no_grad()
    def embed_captions(self, captions: Sequence[str]) -> Float[np.ndarray, "image embedding"]:
        """Embed captions with the text encoder, normalised to unit length."""
        self.eval()
        embedded = self.text(self.vocabulary.encode(captions))
        return functional.normalize(embedded).numpy()


@torch.no_grad()
def _embed_images(task: Contrastive, pool: Pool) -> Float[np.ndarray, "image embedding"]:
    summary = torch.from_numpy(class_tokens(task.network, pool.pixels))
    embedded: np.ndarray = task.project(summary).numpy()
    return embedded


def measure(
    task: Contrastive, untrained: nn.Module, train: Pool, test: Pool
) -> dict[str, dict[str, float]]:
    """Evaluate how often a held-out scene's own caption is the nearest among 64.

    Parameters
    ----------
    task
        The task after training.
    untrained
        The network before training; a linear map from its features to the caption embeddings is
        fitted on ``train``.
    train, test
        Scenes to fit that map on, and held-out scenes.

    Returns
    -------
    dict
        Figure → values for ``trained`` and ``untrained``.
    """
    captions = test.table["caption"].tolist()
    texts = task.embed_captions(captions)
    targets = task.embed_captions(train.table["caption"].tolist())
    plain = read_out(features(untrained, train.pixels), targets, features(untrained, test.pixels))
    # subtract the mean embedding, which dominates the predictions of the linear map
    centre = targets.mean(axis=0)
    return {
        "caption_top1_of_64": {
            "trained": retrieval_top1(_embed_images(task, test), texts, captions),
            "untrained": retrieval_top1(plain - centre, texts - centre, captions),
        }
    }
