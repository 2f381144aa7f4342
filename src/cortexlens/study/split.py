"""Training, validation and test images: split by image content, never by trial."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int8

from cortexlens.errors import CortexlensError
from cortexlens.shapes import SPLIT_NAMES

# Smallest number of images in a part: fits and scores with confidence intervals need two.
LEAST_IMAGES = 2


def split_by_image(
    sha256: Sequence[str], seed: int, parts: Sequence[int] = (8, 1, 1)
) -> Int8[np.ndarray, "image"]:
    """Split images into training, validation and test images.

    Distinct images are ranked by a hash of the seed and their content and assigned, with all their
    copies, to the first of test, validation and training that still has room. So the split does
    not depend on the order of the images, copies of an image under several ids fall into the same
    part, and an image that two subjects saw is mostly in the same part for both.

    Parameters
    ----------
    sha256
        Hash of each image's content.
    seed
        Seed of the ranking.
    parts
        Positive proportions of training, validation and test images.

    Returns
    -------
    ndarray
        0 training, 1 validation, 2 test. The parts are as large as their proportions say, as far as
        copies of images allow; at least two images each if there are six; never empty.

    Raises
    ------
    CortexlensError
        If there are fewer distinct images than parts.
    """
    pictures = Counter(sha256)
    if len(pictures) < len(parts):
        raise CortexlensError(
            f"Found {len(pictures)} distinct images among {len(sha256)}; a split into "
            f"{', '.join(SPLIT_NAMES)} needs at least {len(parts)}."
        )
    room = part_sizes(len(sha256), parts)
    empty = set(range(len(parts)))
    dealt: dict[str, int] = {}
    for picture in sorted(pictures, key=lambda sha: _rank(sha, seed)):
        # reserve the last images for parts that are still empty
        few = len(pictures) - len(dealt) <= len(empty)
        choices = sorted(empty if few else range(len(parts)), reverse=True)
        fitting = [part for part in choices if room[part] >= pictures[picture]]
        part = fitting[0] if fitting else max(choices, key=room.__getitem__)
        room[part] -= pictures[picture]
        empty.discard(part)
        dealt[picture] = part
    return np.array([dealt[sha] for sha in sha256], np.int8)


def given_split(names: Sequence[str], sha256: Sequence[str]) -> Int8[np.ndarray, "image"]:
    """Encode a split that the study itself provides.

    Parameters
    ----------
    names
        ``train``, ``validation`` or ``test`` for each image.
    sha256
        Hash of each image's content.

    Raises
    ------
    CortexlensError
        If a name is unknown, a part is empty, or copies of an image are in different parts.
    """
    allowed = ", ".join(SPLIT_NAMES)
    for row, name in enumerate(names):
        if name not in SPLIT_NAMES:
            raise CortexlensError(
                f"column split of the images holds {name!r} in row {row + 1}; allowed are "
                f"{allowed}."
            )
    for name in SPLIT_NAMES:
        if name not in names:
            raise CortexlensError(
                f"column split of the images has no image for {name}; each of {allowed} needs one. "
                "Leave the column out to split the images as the config says."
            )
    parts: dict[str, str] = {}
    for row, (name, sha) in enumerate(zip(names, sha256, strict=True)):
        if parts.setdefault(sha, name) != name:
            raise CortexlensError(
                f"column split of the images: the image in row {row + 1} is for {name}, but the "
                f"same image is for {parts[sha]} in an earlier row; give both the same part."
            )
    return np.array([SPLIT_NAMES.index(name) for name in names], np.int8)


def parse_parts(text: str) -> tuple[int, ...]:
    """Parse the proportions of a split, e.g. ``8,1,1``.

    Raises
    ------
    CortexlensError
        If they are not three positive whole numbers.
    """
    if not re.fullmatch(r"\s*[1-9][0-9]{0,5}\s*(,\s*[1-9][0-9]{0,5}\s*){2}", text):
        raise CortexlensError(
            f"split {text!r}: allowed are three positive whole numbers, the proportions of "
            "training, validation and test images, e.g. 8,1,1."
        )
    return tuple(int(part) for part in text.split(","))


def _rank(sha: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{sha}".encode()).digest()


def part_sizes(n_images: int, parts: Sequence[int]) -> list[int]:
    """Compute the number of images in each part of a split.

    Parameters
    ----------
    n_images
        Number of images, all distinct.
    parts
        Positive proportions of the parts.

    Returns
    -------
    list of int
        Sizes, rounded by largest remainder; at least two each, or one if there are too few images.
    """
    shares = [n_images * part / sum(parts) for part in parts]
    counts = [int(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: counts[i] - shares[i])
    for i in by_remainder[: n_images - sum(counts)]:
        counts[i] += 1
    least = min(LEAST_IMAGES, max(1, n_images // len(parts)))
    for i in range(len(parts)):
        while counts[i] < least:
            counts[i] += 1
            counts[counts.index(max(counts))] -= 1
    return counts
