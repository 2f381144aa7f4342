"""Thumbnails for the page: images that a subject saw, and images that drive units."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from jaxtyping import Int

from cortexlens.analysis.dictionaries.unit_choices import Choice, choice_of, codes_of, tested_images
from cortexlens.errors import CortexlensError
from cortexlens.sae.levels import positions
from cortexlens.study.pictures.image_set import ImageSet

# Longest side in pixels, and JPEG quality.
SIDE: Final = 96
QUALITY: Final = 80
# Numbers of examples per subject, of units per dictionary, and of images per unit.
EXAMPLES: Final = 12
UNITS: Final = 1000
TOP: Final = 5


class Album:
    """Thumbnails in sequence; identical images are stored once.

    Parameters
    ----------
    images
        Subject → images that it saw.
    """

    def __init__(self, images: Mapping[str, ImageSet]) -> None:
        self.images = images
        self.data = bytearray()
        self.items: list[dict[str, Any]] = []
        self._places: dict[tuple[str, int], int] = {}
        self._made: dict[str, dict[str, int]] = {}

    def add(self, subject: str, image: int, *, example: bool = False) -> int:
        """Add an image unless it is there already, and return its index among the items.

        Raises
        ------
        CortexlensError
            If the subject's list has fewer images, or the file is missing or has changed.
        """
        key = (subject, image)
        if key not in self._places:
            pictures = self.images[subject]
            if image >= len(pictures):
                raise CortexlensError(
                    f"subject {subject}: found image {image} in a store, but images.tsv lists "
                    f"{len(pictures)}. Give the table that the store was made from."
                )
            self._places[key] = len(self.items)
            self.items.append(
                {
                    "image_id": pictures.ids[image],
                    "subject": subject,
                    **self._part(pictures, image),
                    "mime": "image/jpeg",
                    "example": example,
                }
            )
        return self._places[key]

    def _part(self, pictures: ImageSet, image: int) -> dict[str, int]:
        """Position of the bytes of an image, shared between subjects who saw the same image."""
        digest = pictures.sha256[image]
        if digest not in self._made:
            opened = pictures.open(image)
            opened.thumbnail((SIDE, SIDE))
            file = io.BytesIO()
            opened.save(file, "JPEG", quality=QUALITY)
            self._made[digest] = {
                "offset": len(self.data),
                "length": file.tell(),
                "width": opened.width,
                "height": opened.height,
            }
            self.data += file.getvalue()
        return self._made[digest]


def add_examples(album: Album, subject: str, tested: Int[np.ndarray, " image"]) -> None:
    """Add a dozen test images of a subject, evenly spread over all of them."""
    if subject not in album.images:
        return
    spread = np.linspace(0, len(tested) - 1, min(EXAMPLES, len(tested)))
    for place in np.unique(np.rint(spread).astype(int)).tolist():
        album.add(subject, int(tested[place]), example=True)


def unit_entries(
    dictionary: xr.Dataset,
    units: Mapping[str, xr.Dataset],
    layers: Sequence[str],
    album: Album,
) -> list[dict[str, Any]]:
    """Entries of the units that most vertices choose, with the images that drive them most.

    Parameters
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    units
        Layer → its units, of kind ``units``, of the autoencoders that the dictionary is made from.
    layers
        Names of all layers of the network, into which a unit's ``layer`` is an index from 0.
    album
        Album to which the test images with the largest activation are added, in descending order.

    Returns
    -------
    list of dict
        ``layer``, ``unit``, ``frequency`` (share of training images on which it is active),
        ``vertices`` (number that choose it) and ``top`` (indices in the album; empty if the
        subject's images are not known). Empty if units are not known.
    """
    if not units:
        return []
    subject = str(dictionary.attrs["subject"])
    tested = tested_images(dictionary, units)
    kept, count = _most_chosen(dictionary)
    codes = codes_of(kept, dictionary, units, tested)
    names, places = dictionary.attrs["layer_names"], positions(dictionary, layers)
    entries, shown = [], subject in album.images
    for column, (layer, unit) in enumerate(zip(kept.layer, kept.unit, strict=True)):
        strongest = np.argsort(-codes[:, column], kind="stable")[:TOP]
        driven = tested[strongest[codes[strongest, column] > 0]] if shown else []
        frequency = units[str(names[layer])]["frequency"].values[unit]
        entries.append(
            {
                "layer": int(places[layer]),
                "unit": int(unit),
                "frequency": float(f"{frequency:.4g}"),
                "vertices": int(count[column]),
                "top": [album.add(subject, int(image)) for image in driven],
            }
        )
    return entries


def _most_chosen(dictionary: xr.Dataset) -> tuple[Choice, Int[np.ndarray, " unit"]]:
    """Units that most vertices choose, in descending order, and the number of vertices of each."""
    choice = choice_of(dictionary, str(dictionary.attrs["metric"]))
    count = np.bincount(choice.column[choice.column >= 0], minlength=len(choice.unit))
    most = np.argsort(-count, kind="stable")[:UNITS]
    return Choice(choice.column, choice.layer[most], choice.unit[most]), count[most]
