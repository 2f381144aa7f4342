"""Where fetched weights lie, and which of them are missing; reads names, never the network."""

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
# Between a file of weights and the state dict in it that is meant.
WITHIN = "::"
SUFFIXES = (".safetensors", ".th", ".pt", ".pth", ".pth.tar", ".bin")
# Folders of a diffusers repository that a network is made of, each with its own weights.
DENOISERS = ("unet", "transformer")
DIFFUSERS_PARTS = (*DENOISERS, "vae", "text_encoder", "text_encoder_2", "text_encoder_3")


class Fetched(NamedTuple):
    """Weights that are fetched before a network is built.

    Parameters
    ----------
    folder
        Folder of the cache that holds them and nothing else.
    origin
        Where they come from, for a person.
    """

    folder: Path
    origin: str


def is_url(weights: str | None) -> bool:
    """Tell whether the column ``weights`` holds an address."""
    return weights is not None and re.match(r"https?://", weights) is not None


def split_weights(weights: str) -> tuple[str, str | None]:
    """Split ``FILE::NAME``, of the column ``weights``, into the file and a state dict in it.

    Returns
    -------
    file, name
        The file or its address; None where no state dict is named.
    """
    file, found, name = weights.partition(WITHIN)
    return file, name if found else None


def fetched(cells: Mapping[str, str | None], cache: str = DEFAULT_CACHE) -> Fetched | None:
    """Give the place of a row's weights in the cache.

    Parameters
    ----------
    cells
        Columns ``source``, ``name`` and ``weights`` of a row of ``backbones.tsv``.
    cache
        Folder of the cache; ``~`` is the home folder.

    Returns
    -------
    Fetched or None
        None where nothing is fetched: untrained networks, and files of the user's.
    """
    weights, name, root = cells.get("weights"), str(cells["name"]), Path(cache).expanduser()
    if weights is not None and is_url(weights):
        weights, _ = split_weights(weights)  # fetched once, whichever of its state dicts is meant
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
    # a name of dots alone would be a folder above
    return Fetched(root / source / (re.sub(r"[^\w.-]", "--", name).lstrip(".") or "--"), origin)


def weights_files(folder: Path) -> list[Path]:
    """Weights that lie in a folder of the cache, finished ones, by name."""
    found = (path for path in folder.rglob("*") if path.name.endswith(SUFFIXES))
    return sorted(path for path in found if not path.name.startswith("."))


def is_present(place: Fetched, source: str) -> bool:
    """Tell whether weights are in the cache, without reading them."""
    files = weights_files(place.folder)
    if source == "diffusers":
        # Each folder's config is fetched before any weights.
        parts = {path.parent.name for path in place.folder.glob("*/config.json")}
        there = {path.parent.name for path in files}
        pieces = {
            path.parent / name
            for path in place.folder.glob("*/*.index.json")
            for name in read_json(path, {"weight_map": dict}, correct=FETCH_AGAIN)[
                "weight_map"
            ].values()
        }
        whole = there >= parts and all(piece.is_file() for piece in pieces)
        return whole and "vae" in parts and bool(parts & set(DENOISERS))
    return len(files) == 1


def missing_line(backbone: str, place: Fetched) -> str:
    """Say what is missing and where to put it."""
    return (
        f"backbone {backbone!r}: its weights are not in the cache; run `snakemake weights` where "
        f"there is a network, or put {place.origin} into {place.folder}"
    )


def present_folder(
    backbone: str, cells: Mapping[str, str | None], cache: str = DEFAULT_CACHE
) -> Path | None:
    """Folder of a row's fetched weights; None where nothing is fetched.

    Raises
    ------
    CortexlensError
        If they are not in the cache.
    """
    place = fetched(cells, cache)
    if place is None:
        return None
    if not is_present(place, str(cells["source"])):
        raise CortexlensError(missing_line(backbone, place) + ".")
    return place.folder


def verify(folder: Path) -> dict[str, str]:
    """Compare the weights in a folder of the cache with what was recorded of them.

    Returns
    -------
    dict
        File, from the folder → SHA-256. Files put there by hand have no record and are taken.

    Raises
    ------
    CortexlensError
        If a file is not what was fetched.
    """
    record = folder / RECORD
    recorded = _recorded(record) if record.is_file() else {}
    # Stages read this module's constants before they are called, and should not wait for xarray.
    from cortexlens.storage.provenance import file_hash

    found = {str(path.relative_to(folder)): file_hash(path) for path in weights_files(folder)}
    for name, digest in found.items():
        if recorded.get(name, digest) != digest:
            raise CortexlensError(
                f"{folder / name}: its checksum begins {digest[:12]}, {recorded[name][:12]} was "
                "fetched; the file was damaged or replaced. Remove its folder and fetch it again."
            )
    return found


def _recorded(record: Path) -> dict[str, str]:
    """Checksums of what was fetched."""
    found = read_json(record, {"files": dict}, correct=FETCH_AGAIN)["files"]
    return {str(name): str(digest) for name, digest in found.items()}


def _pieces(listing: Path) -> list[str]:
    """Files that large weights are cut into, as their list names them."""
    found = read_json(listing, {"weight_map": dict}, correct=FETCH_AGAIN)["weight_map"]
    return [str(name) for name in found.values()]
