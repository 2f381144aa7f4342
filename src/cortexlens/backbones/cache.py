"""Cache of downloaded weights: where they belong, and which are missing.

Nothing is downloaded here; see :mod:`cortexlens.backbones.fetch`.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cortexlens.errors import CortexlensError
from cortexlens.storage.json_files import read_json

DEFAULT_CACHE = "~/.cache/cortexlens"
PRETRAINED = "pretrained"
RECORD = "record.json"
FETCH_AGAIN = "Remove its folder of the cache and run `snakemake weights` again."
# Separates a file of weights from the name of a state dict within it.
WITHIN = "::"
SUFFIXES = (".safetensors", ".th", ".pt", ".pth", ".pth.tar", ".bin")
# Folders of a diffusers repository that hold parts of a network, each with its own weights.
DENOISERS = ("unet", "transformer")
DIFFUSERS_PARTS = (*DENOISERS, "vae", "text_encoder", "text_encoder_2", "text_encoder_3")


class Fetched(NamedTuple):
    """Location of weights that have to be downloaded before a network is built.

    Parameters
    ----------
    folder
        Folder of the cache that holds these weights and nothing else.
    origin
        Source of the weights, for messages.
    """

    folder: Path
    origin: str


def is_url(weights: str | None) -> bool:
    """Tell whether the column ``weights`` holds a URL."""
    return weights is not None and re.match(r"https?://", weights) is not None


def split_weights(weights: str) -> tuple[str, str | None]:
    """Split ``FILE::NAME`` in the column ``weights`` into a file and the name of a state dict.

    Returns
    -------
    file, name
        The file or its URL, and the name of the state dict; None if it is not given.
    """
    file, found, name = weights.partition(WITHIN)
    return file, name if found else None


def fetched(cells: Mapping[str, str | None], cache: str = DEFAULT_CACHE) -> Fetched | None:
    """Determine where the weights of a row are stored in the cache.

    Parameters
    ----------
    cells
        Columns ``source``, ``name`` and ``weights`` of a row of ``backbones.tsv``.
    cache
        Folder of the cache; ``~`` is the home folder.

    Returns
    -------
    Fetched or None
        None if nothing has to be downloaded: untrained networks, and the user's files.
    """
    weights, name, root = cells.get("weights"), str(cells["name"]), Path(cache).expanduser()
    if weights is not None and is_url(weights):
        weights, _ = split_weights(weights)  # one download, whichever state dict is used
        digest = hashlib.sha256(weights.encode()).hexdigest()[:12]
        stem = re.sub(r"[^\w.-]", "-", weights.rpartition("/")[2].partition("?")[0])
        return Fetched(root / "url" / f"{stem}-{digest}", weights)
    if weights != PRETRAINED:
        return None
    source = str(cells["source"])
    origins = {
        "timm": f"https://huggingface.co/timm/{name}",
        "diffusers": f"https://huggingface.co/{name} (folders {', '.join(DIFFUSERS_PARTS)})",
    }
    origin = origins.get(source, f"the weights that {source} names for {name}")
    # a name that consists of dots would refer to a parent folder
    return Fetched(root / source / (re.sub(r"[^\w.-]", "--", name).lstrip(".") or "--"), origin)


def weights_files(folder: Path) -> list[Path]:
    """Complete files of weights in a folder of the cache, sorted by name."""
    found = (path for path in folder.rglob("*") if path.name.endswith(SUFFIXES))
    return sorted(path for path in found if not path.name.startswith("."))


def is_present(place: Fetched, source: str) -> bool:
    """Tell whether weights are in the cache, without reading them.

    Parameters
    ----------
    place
        Location of the weights.
    source
        Source of the network, as in the table of backbones.
    """
    files = weights_files(place.folder)
    if source == "diffusers":
        # all configs are downloaded before any weights
        parts = {path.parent.name for path in place.folder.glob("*/config.json")}
        with_weights = {path.parent.name for path in files}
        pieces = {
            path.parent / name
            for path in place.folder.glob("*/*.index.json")
            for name in read_json(path, {"weight_map": dict}, correct=FETCH_AGAIN)[
                "weight_map"
            ].values()
        }
        complete = with_weights >= parts and all(piece.is_file() for piece in pieces)
        return complete and "vae" in parts and bool(parts & set(DENOISERS))
    return len(files) == 1


def missing_line(backbone: str, place: Fetched) -> str:
    """Say which weights are missing and where they belong.

    Parameters
    ----------
    backbone
        Identifier of the row.
    place
        Location of its weights.
    """
    return (
        f"backbone {backbone!r}: its weights are not in the cache; run `snakemake weights` on a "
        f"machine with internet access, or put {place.origin} into {place.folder}"
    )


def present_folder(
    backbone: str, cells: Mapping[str, str | None], cache: str = DEFAULT_CACHE
) -> Path | None:
    """Folder of a row's downloaded weights; None if nothing has to be downloaded.

    Parameters
    ----------
    backbone
        Identifier of the row, for error messages.
    cells
        Columns ``source``, ``name`` and ``weights`` of the row.
    cache
        Folder of the cache.

    Raises
    ------
    CortexlensError
        If the weights are not in the cache.
    """
    place = fetched(cells, cache)
    if place is None:
        return None
    if not is_present(place, str(cells["source"])):
        raise CortexlensError(missing_line(backbone, place) + ".")
    return place.folder


def verify(folder: Path) -> dict[str, str]:
    """Check the weights in a folder of the cache against their recorded checksums.

    Parameters
    ----------
    folder
        Folder of the cache that holds the weights.

    Returns
    -------
    dict
        File (path within the folder) → SHA-256. Files that were put there by hand have no record
        and are accepted.

    Raises
    ------
    CortexlensError
        If a file differs from what was downloaded.
    """
    record = folder / RECORD
    recorded = _recorded(record) if record.is_file() else {}
    # imported here: stages import this module at start-up, and xarray is slow to import
    from cortexlens.storage.provenance import file_hash

    found = {str(path.relative_to(folder)): file_hash(path) for path in weights_files(folder)}
    for name, digest in found.items():
        if recorded.get(name, digest) != digest:
            raise CortexlensError(
                f"{folder / name}: its checksum begins with {digest[:12]}, but that of the fetched "
                f"file with {recorded[name][:12]}; it was damaged or replaced. Remove its folder "
                "and fetch it again."
            )
    return found


def _recorded(record: Path) -> dict[str, str]:
    """Checksums recorded when files were downloaded."""
    found = read_json(record, {"files": dict}, correct=FETCH_AGAIN)["files"]
    return {str(name): str(digest) for name, digest in found.items()}


def _pieces(listing: Path) -> list[str]:
    """Files that large weights are split into, as listed in their index."""
    found = read_json(listing, {"weight_map": dict}, correct=FETCH_AGAIN)["weight_map"]
    return [str(name) for name in found.values()]
