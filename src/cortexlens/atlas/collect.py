"""Collection of everything that a page shows of a study: a manifest, and the data files in it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from cortexlens.analysis.finetuning.pairs import Origin
from cortexlens.atlas import maps
from cortexlens.atlas.meshes import mesh_arrays
from cortexlens.atlas.packing import Coded, json_bytes, pack
from cortexlens.atlas.pictures import Album, add_examples, unit_entries
from cortexlens.atlas.places import Place, check_place, place_of
from cortexlens.cortex.meshes import LEFT, RIGHT
from cortexlens.errors import CortexlensError
from cortexlens.progress import say, track
from cortexlens.storage.datasets import open_dataset, store_attributes
from cortexlens.study.pictures.image_set import ImageSet

FORMAT: Final = 1
# Kinds of stores that are maps, in the order in which they are read (a network takes its layers
# from its fits, if there are any), followed by kinds that complement maps.
MAPPED: Final = ("fit", "dictionary", "channels")
BESIDE: Final = ("scores", "units")
_FIT: Final = ("readout", "backbone", "subject")
Entry = dict[str, Any]
# Kind → paths of stores and their attributes.
Found = dict[str, list[tuple[Path, Entry]]]


class Atlas:
    """Content of a page, collected store by store.

    Parameters
    ----------
    images
        Subject → images that it saw; subjects may be missing.
    derived
        Fine-tuned network → its origin.
    """

    def __init__(self, images: Mapping[str, ImageSet], derived: Mapping[str, Origin]) -> None:
        self.album, self.derived = Album(images), derived
        self.contents: dict[str, bytes] = {}
        self._places: dict[str, Place] = {}
        self._networks: dict[str, Entry] = {}
        self._maps: list[Entry] = []
        self._versions: dict[str, str] = {}

    def add_fit(self, fit: xr.Dataset, scores: xr.Dataset | None, name: str) -> None:
        """Add a fit and its scores.

        Raises
        ------
        CortexlensError
            If the vertices of either differ from those of the subject in other stores.
        """
        place = self._place(fit, name)
        if scores is not None:
            check_place(place, scores, f"scores of {name}")
        self._network(fit)
        if "test_image" in fit.coords:
            add_examples(self.album, place.subject, fit["test_image"].values)
        self._put(maps.fit_entry(fit), maps.fit_arrays(fit, scores, place.rows))

    def add_dictionary(
        self, dictionary: xr.Dataset, units: Mapping[str, xr.Dataset], name: str
    ) -> None:
        """Add a dictionary, and the units of its layers (layer → units), which may be empty.

        Raises
        ------
        CortexlensError
            As :meth:`add_fit`; also if its network lacks one of its layers.
        """
        place = self._place(dictionary, name)
        layers = self._network(dictionary)["layers"]
        described = unit_entries(dictionary, units, layers, self.album)
        arrays = maps.dictionary_arrays(dictionary, layers, place.rows)
        self._put({**maps.dictionary_entry(dictionary), "units": described}, arrays)

    def add_clusters(self, channels: xr.Dataset, name: str) -> None:
        """Add channel clusters of a network that has already been added.

        Raises
        ------
        CortexlensError
            As :meth:`add_fit`; also if there is no map of the network.
        """
        place = self._place(channels, name)
        network = str(channels.attrs["backbone"])
        if network not in self._networks:
            raise CortexlensError(
                f"{name}: clusters of {network}, but the stores contain no fit of it; there "
                f"are {', '.join(self._networks) or 'none'}. Give the fit as well."
            )
        self._put(maps.cluster_entry(channels), maps.cluster_arrays(channels, place.rows))

    def finish(self, study: str, tables: list[Entry]) -> dict[str, bytes]:
        """All data files, the manifest first.

        Parameters
        ----------
        study
            Name of the study.
        tables
            From :func:`~cortexlens.atlas.tables.table_entries`.
        """
        subjects = [
            {**place.entry, **self._file("subject", place.arrays)}
            for place in self._places.values()
        ]
        meshes = {space: self._file("mesh", arrays()) for space, arrays in self._meshes().items()}
        items = self.album.items
        if items:
            self.contents["pictures-000"] = bytes(self.album.data)
        manifest = {
            "format": FORMAT,
            "study": study,
            "versions": self._versions,
            "content": _digest(self.contents),
            "subjects": subjects,
            "meshes": meshes,
            "networks": list(self._networks.values()),
            "maps": self._maps,
            "tables": tables,
            "pictures": {"file": "pictures-000", "items": items} if items else None,
        }
        return {"manifest": json_bytes(manifest), **self.contents}

    def _place(self, dataset: xr.Dataset, name: str) -> Place:
        subject = str(dataset.attrs["subject"])
        if subject not in self._places:
            self._places[subject] = place_of(dataset, name)
            self._versions = dict(dataset.attrs["provenance"].get("versions", self._versions))
        check_place(self._places[subject], dataset, name)
        return self._places[subject]

    def _network(self, dataset: xr.Dataset) -> Entry:
        entry = maps.network_entry(dataset, self.derived)
        return self._networks.setdefault(entry["id"], entry)

    def _put(self, about: Entry, arrays: Mapping[str, Coded]) -> None:
        self._maps.append({**about, **self._file("map", arrays)})

    def _file(self, kind: str, arrays: Mapping[str, Coded]) -> Entry:
        """Add a file of arrays under the next number of its kind."""
        number = sum(name.startswith(f"{kind}-") for name in self.contents)
        packed = pack(arrays)
        name = f"{kind}-{number:03d}"
        self.contents[name] = packed.data
        return {"file": name, "arrays": packed.arrays}

    def _meshes(self) -> dict[str, Callable[[], dict[str, Coded]]]:
        """Meshes of the subjects, fine where any subject has vertices."""
        used: dict[str, list[list[np.ndarray]]] = {}
        for place in self._places.values():
            if place.cortex is not None:
                sides = used.setdefault(place.cortex.space, [[], []])
                for side in (LEFT, RIGHT):
                    own = place.cortex.hemisphere == side
                    sides[side].append(place.cortex.vertex_index[own])
        return {
            space: partial(mesh_arrays, space, [np.concatenate(side) for side in sides])
            for space, sides in used.items()
        }


def gather(
    stores: Sequence[Path],
    images: Mapping[str, Path],
    derived: Mapping[str, Origin],
    beside: Sequence[Path] = (),
) -> Atlas:
    """Read stores and lists of images.

    Parameters
    ----------
    stores
        Stores of the kinds :data:`MAPPED` and :data:`BESIDE`. Maps of a kind keep their order.
    images
        Subject → ``images.tsv``.
    derived
        Fine-tuned network → its origin.
    beside
        Further stores, left out with a message if they were made from other responses or fits than
        the rest.

    Raises
    ------
    CortexlensError
        If a store is of another kind or does not belong to the others, or if there is no map.
    """
    found = _by_kind(stores)
    _add_matching(found, _by_kind(beside))
    if not any(found[kind] for kind in MAPPED):
        raise CortexlensError(
            f"found {len(stores)} stores, none of which is a map; a page needs at least one "
            f"of kind {', '.join(MAPPED)}. Add one."
        )
    atlas = Atlas({who: ImageSet.read(path) for who, path in images.items()}, derived)
    scores = {_whose(about, _FIT): path for path, about in found["scores"]}
    adding = [(kind, path) for kind in MAPPED for path, _ in found[kind]]
    for kind, path in track(adding, "maps packed"):
        dataset, name = open_dataset(path, kind=kind), str(path)
        if kind == "fit":
            own = scores.get(_whose(dataset.attrs, _FIT))
            scored = None if own is None else open_dataset(own, kind="scores")
            atlas.add_fit(dataset, scored, name)
        elif kind == "dictionary":
            atlas.add_dictionary(dataset, _units_of(dataset, found["units"]), name)
        else:
            atlas.add_clusters(dataset, name)
    return atlas


def _add_matching(found: Found, beside: Found) -> None:
    """Add further stores that were made from the same responses or fits as the others."""
    responses: dict[str, object] = {}
    for _, about in found["fit"]:
        responses.setdefault(about["subject"], _inputs(about).get("responses"))
    fits = {about.get("content_hash") for _, about in found["fit"]}
    for kind in (*MAPPED, *BESIDE):
        for path, about in beside[kind]:
            made = _inputs(about)
            if "fit" in made:
                matches = made["fit"] in fits
            else:
                own = made.get("responses")
                matches = responses.setdefault(about["subject"], own) == own
            if not matches:
                say(f"{path}: left out, because the rest was made from other data; make it again")
                continue
            found[kind].append((path, about))
            if kind == "fit":
                fits.add(about.get("content_hash"))


def _inputs(about: Mapping[Any, Any]) -> dict[str, object]:
    return dict(about.get("provenance", {}).get("inputs", {}))


def _by_kind(stores: Sequence[Path]) -> Found:
    """Sort stores by their kind, with their attributes."""
    found: Found = {kind: [] for kind in (*MAPPED, *BESIDE)}
    for path in stores:
        about = store_attributes(path)
        kind = str(about.get("cortexlens_kind"))
        if kind not in found:
            raise CortexlensError(
                f"{path}: found a store of kind {kind!r}; a page is made of "
                f"{', '.join(found)}. Leave it out."
            )
        found[kind].append((path, about))
    return found


def _units_of(dictionary: xr.Dataset, units: list[tuple[Path, Entry]]) -> dict[str, xr.Dataset]:
    """Units of a dictionary's layers, of the first autoencoders, from which it chooses."""
    whose = _whose(dictionary.attrs, _FIT[1:])
    return {
        str(about["layer"]): open_dataset(path, kind="units")
        for path, about in units
        if _whose(about, _FIT[1:]) == whose and about["sae_seed"] == 0
    }


def _whose(about: Mapping[Any, Any], keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(about[key]) for key in keys)


def _digest(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in contents.items():
        digest.update(name.encode() + hashlib.sha256(data).digest())
    return digest.hexdigest()
