"""Labelled pictures in memory, parted into those to learn from and those to measure on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from PIL import Image

from cortexlens.backbones.preprocessing import Preprocessing
from cortexlens.errors import CortexlensError
from cortexlens.progress import track
from cortexlens.study.pictures.files import decode, read_bytes

OpenPicture = Callable[[str], Image.Image]


@dataclass(frozen=True)
class Examples:
    """Pictures of a network's input size, and their classes.

    Attributes
    ----------
    pictures
        8-bit RGB.
    labels
        Index of each picture's class.
    preprocess
        From a picture to the network's input.
    """

    pictures: list[Image.Image]
    labels: Int[np.ndarray, " image"]
    preprocess: Preprocessing

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(
        self, rows: Sequence[int], mirrored: Sequence[bool] = ()
    ) -> tuple[Float[torch.Tensor, "batch 3 height width"], Int[torch.Tensor, " batch"]]:
        """Give the network's input for some pictures, and their classes.

        Parameters
        ----------
        rows
            Which pictures.
        mirrored
            Which of them are turned from left to right; empty: none.
        """
        inputs = torch.stack([self.preprocess(self.pictures[row]) for row in rows])
        for place in np.flatnonzero(mirrored):
            inputs[place] = inputs[place].flip(-1)
        return inputs, torch.from_numpy(self.labels[list(rows)])


@dataclass(frozen=True)
class Parts:
    """Which pictures of each class are learnt from and measured on, by name.

    Attributes
    ----------
    classes
        Names of the classes; labels are indices of them.
    train, validation
        Pairs of source and label.
    """

    classes: list[str]
    train: list[tuple[str, int]]
    validation: list[tuple[str, int]]


def part_classes(
    found: Mapping[str, Sequence[str]], images_per_class: int, validation_images: int, seed: int
) -> Parts:
    """Part the pictures of each class at random.

    Parameters
    ----------
    found
        Class → sources; each more than ``images_per_class``.
    images_per_class
        Pictures of each class to learn from.
    validation_images
        Pictures of the rest that are kept, at most; one a class at least.
    seed
        Of the draw. A class's pictures are drawn without regard to the other classes.
    """
    train: list[tuple[str, int]] = []
    first: list[tuple[str, int]] = []
    rest: list[tuple[str, int]] = []
    for label, sources in enumerate(found.values()):
        order = np.random.default_rng([seed, 1, label]).permutation(len(sources))
        drawn = [(sources[i], label) for i in order]
        train += drawn[:images_per_class]
        first.append(drawn[images_per_class])
        rest += drawn[images_per_class + 1 :]
    # the rest as it comes, so that shares of classes stay those of the data
    more = max(0, min(len(rest), validation_images - len(first)))
    chosen = np.random.default_rng([seed, 2]).permutation(len(rest))[:more]
    return Parts(list(found), train, first + [rest[i] for i in sorted(chosen)])


def read_examples(
    pairs: Sequence[tuple[str, int]],
    preprocess: Preprocessing,
    open_picture: OpenPicture,
    what: str,
) -> Examples:
    """Decode pictures and resize them as a network is shown them.

    Parameters
    ----------
    pairs
        Source and label of each.
    preprocess
        Of the network.
    open_picture
        From a source to a picture.
    what
        What is read, for the progress.

    Raises
    ------
    CortexlensError
        Naming the first picture that cannot be read.
    """
    pictures = []
    for source, _ in track(pairs, what):
        # Preprocessing resizes to the same size again, which copies.
        pictures.append(preprocess.square(open_picture(source)))
    return Examples(pictures, np.array([label for _, label in pairs], np.int64), preprocess)


def open_source(source: str) -> Image.Image:
    """Decode a file or a member of a zip file.

    Raises
    ------
    CortexlensError
        If it is gone or damaged.
    """
    try:
        return decode(read_bytes(source), source)
    except CortexlensError as error:
        raise CortexlensError(f"a picture to fine-tune on: {error}") from error
