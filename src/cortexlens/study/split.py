"""Training, validation and test images: split by what the pictures show, never by trial."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int8

from cortexlens.errors import CortexlensError
from cortexlens.shapes import SPLIT_NAMES

# Images of a part that a fit, or scores with intervals, cannot do without.
LEAST_IMAGES = 2


def split_by_image(
    sha256: Sequence[str], seed: int, parts: Sequence[int] = (8, 1, 1)
) -> Int8[np.ndarray, "image"]:
    """Deal pictures into training, validation and test.

    Each distinct picture is ranked by a hash of the seed and its content, and dealt whole to the
    first of test, validation, training that still has room. So the split does not depend on the
    order of the images, the same file under two ids stays on one side, and a picture that two
    subjects saw falls, mostly, into the same part for both.

    Parameters
    ----------
    sha256
        Content hash of each image.
    seed
        Another seed, another split.
    parts
        Shares of training, validation and test, positive.

    Returns
    -------
    ndarray
        0 training, 1 validation, 2 test. As many images a part as its share says, as near as
        pictures that are there more than once allow, and two at least where there are six; no part
        is empty.

    Raises
    ------
    CortexlensError
        If there are fewer distinct pictures than parts.
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
        # keep a picture back for every part that has none yet
        few = len(pictures) - len(dealt) <= len(empty)
        choices = sorted(empty if few else range(len(parts)), reverse=True)
        fitting = [part for part in choices if room[part] >= pictures[picture]]
        part = fitting[0] if fitting else max(choices, key=room.__getitem__)
        room[part] -= pictures[picture]
        empty.discard(part)
        dealt[picture] = part
    return np.array([dealt[sha] for sha in sha256], np.int8)


def given_split(names: Sequence[str], sha256: Sequence[str]) -> Int8[np.ndarray, "image"]:
    """Codes of a split that the study brings along.

    Parameters
    ----------
    names
        ``train``, ``validation`` or ``test``, one an image.
    sha256
        Content hash of each image.

    Raises
    ------
    CortexlensError
        If a name is another, a part is empty, or a picture is in two parts.
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
                "Leave the column out, and images are dealt by the split of the config."
            )
    parts: dict[str, str] = {}
    for row, (name, sha) in enumerate(zip(names, sha256, strict=True)):
        if parts.setdefault(sha, name) != name:
            raise CortexlensError(
                f"column split of the images: the picture in row {row + 1} is for {name}, and the "
                f"same picture for {parts[sha]} in an earlier row; give both the same."
            )
    return np.array([SPLIT_NAMES.index(name) for name in names], np.int8)


def parse_parts(text: str) -> tuple[int, ...]:
    """Read the shares of a split, e.g. ``8,1,1``.

    Raises
    ------
    CortexlensError
        If they are not three positive whole numbers.
    """
    if not re.fullmatch(r"\s*[1-9][0-9]{0,5}\s*(,\s*[1-9][0-9]{0,5}\s*){2}", text):
        raise CortexlensError(
            f"split {text!r}: allowed are three positive whole numbers, the shares of training, "
            "validation and test images, e.g. 8,1,1."
        )
    return tuple(int(part) for part in text.split(","))


def _rank(sha: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{sha}".encode()).digest()


def part_sizes(n_images: int, parts: Sequence[int]) -> list[int]:
    """Give the number of images of each part of a split.

    Parameters
    ----------
    n_images
        All of them, each another picture.
    parts
        Shares, positive.

    Returns
    -------
    list of int
        The largest remainders are rounded up; two at least, or one where there are too few.
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
