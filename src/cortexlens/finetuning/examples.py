"""Labelled images in memory, split into training and validation images."""

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
    """Images, resized to a network's input, and their classes.

    Attributes
    ----------
    pictures
        8-bit RGB images.
    labels
        Index of each image's class.
    preprocess
        Preprocessing from an image to the input of the network.
    """

    pictures: list[Image.Image]
    labels: Int[np.ndarray, " image"]
    preprocess: Preprocessing

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(
        self, rows: Sequence[int], mirrored: Sequence[bool] = ()
    ) -> tuple[Float[torch.Tensor, "batch 3 height width"], Int[torch.Tensor, " batch"]]:
        """Return the network's inputs for some images, and the images' classes.

        Parameters
        ----------
        rows
            Indices of the images.
        mirrored
            For each of them, whether it is mirrored horizontally; empty mirrors none.
        """
        inputs = torch.stack([self.preprocess(self.pictures[row]) for row in rows])
        for position in np.flatnonzero(mirrored):
            inputs[position] = inputs[position].flip(-1)
        return inputs, torch.from_numpy(self.labels[list(rows)])


@dataclass(frozen=True)
class Parts:
    """Split of labelled images into training and validation images.

    Attributes
    ----------
    classes
        Names of the classes; labels are indices into this list.
    train, validation
        Source (file or name) and label of each image.
    """

    classes: list[str]
    train: list[tuple[str, int]]
    validation: list[tuple[str, int]]


def part_classes(
    found: Mapping[str, Sequence[str]], images_per_class: int, validation_images: int, seed: int
) -> Parts:
    """Split the images of each class at random into training and validation images.

    Parameters
    ----------
    found
        Class → sources of its images, more than ``images_per_class`` for each.
    images_per_class
        Number of training images per class.
    validation_images
        Largest number of validation images, drawn from the rest; at least one per class is drawn
        even if there are more classes.
    seed
        Seed of the draw. The draw of a class does not depend on the images of other classes.
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
    # Beyond one image per class, validation images have the class frequencies of the data.
    more = max(0, min(len(rest), validation_images - len(first)))
    chosen = np.random.default_rng([seed, 2]).permutation(len(rest))[:more]
    return Parts(list(found), train, first + [rest[i] for i in sorted(chosen)])


def read_examples(
    pairs: Sequence[tuple[str, int]],
    preprocess: Preprocessing,
    open_picture: OpenPicture,
    what: str,
) -> Examples:
    """Decode images and resize them to a network's input.

    Parameters
    ----------
    pairs
        Source and label of each image.
    preprocess
        Preprocessing of the network.
    open_picture
        Function that opens an image by its source.
    what
        Description for the progress display, e.g. ``training images read``.

    Raises
    ------
    CortexlensError
        If an image cannot be read; the message names the first one.
    """
    pictures = []
    for source, _ in track(pairs, what):
        # Preprocessing later resizes to this same size, which only copies.
        pictures.append(preprocess.square(open_picture(source)))
    return Examples(pictures, np.array([label for _, label in pairs], np.int64), preprocess)


def open_source(source: str) -> Image.Image:
    """Decode an image file or a member of a zip file.

    Parameters
    ----------
    source
        Path of the file or member.

    Raises
    ------
    CortexlensError
        If the file is missing or damaged.
    """
    try:
        return decode(read_bytes(source), source)
    except CortexlensError as error:
        raise CortexlensError(f"an image to fine-tune on: {error}") from error
