"""Weights from elsewhere: where they come from and how they are fetched.

By a stage of its own, into a cache; whatever loads a network reads from there and never from the
network.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from cortexlens.backbones.checkpoints import is_url
from cortexlens.backbones.locations import (
    DIFFUSION_INDEX,
    SUFFIXES,
    cache_folder,
    cached_weights,
)
from cortexlens.backbones.row import BackboneRow, refuse
from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.provenance import file_hash
from cortexlens.stores import replacing

RECORD = "record.json"
# Parts of a diffusion repository that a map is made from.
DIFFUSION_PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")


class Origin(NamedTuple):
    """Where weights come from.

    Attributes
    ----------
    url
        Of one file; empty where a repository is meant.
    repository, file
        Of the Hugging Face hub; ``file`` is empty for a repository of several parts.
    hash_start
        First digits of the SHA-256 that the publisher gives; empty where none is given.
    """

    url: str = ""
    repository: str = ""
    file: str = ""
    hash_start: str = ""

    def __str__(self) -> str:
        """Name the place as a person would look it up."""
        return self.url or f"huggingface.co/{self.repository} {self.file}".rstrip()


def missing_line(row: BackboneRow, cache: Path) -> str:
    """Say what is to be put where, for a computer without a network."""
    return (
        f"backbone {row.backbone!r}: offline is true and its weights are not there; put "
        f"{origin_of(row)} into {cache_folder(row, cache)}/"
    )


def origin_of(row: BackboneRow) -> Origin:
    """Find where the weights of a row come from, by its library's own lists.

    Raises
    ------
    CortexlensError
        If the library knows no weights of that name.
    """
    if is_url(row.weights):
        return Origin(url=str(row.weights))
    from cortexlens.backbones.torchvision_shim import prepare

    prepare()
    finders: dict[str, Callable[[BackboneRow], Origin]] = {
        "timm": _timm_origin,
        "torchvision": _torchvision_origin,
        "open_clip": _open_clip_origin,
        "diffusers": lambda row: Origin(repository=row.name),
    }
    origin: Origin = finders[row.source](row)
    return origin


def _timm_origin(row: BackboneRow) -> Origin:
    from timm.models import get_pretrained_cfg

    try:
        known: Any = get_pretrained_cfg(row.name)
    except RuntimeError:
        known = None
    if known is None or not (known.hf_hub_id or known.url):
        refuse(row.backbone, "name", row.name, "a model and tag that timm has weights of")
    if known.hf_hub_id:
        return Origin(repository=known.hf_hub_id, file=known.hf_hub_filename or "model.safetensors")
    return Origin(url=str(known.url))


def _torchvision_origin(row: BackboneRow) -> Origin:
    from torchvision import models

    known = models.get_model_weights(row.name).DEFAULT
    hashed = re.search(r"-([0-9a-f]{8,})\.", known.url)
    return Origin(url=known.url, hash_start=hashed[1] if hashed else "")


def _open_clip_origin(row: BackboneRow) -> Origin:
    import open_clip

    architecture, _, tag = row.name.partition("/")
    known = open_clip.get_pretrained_cfg(architecture, tag)
    if not known:
        tags = open_clip.list_pretrained_tags_by_model(architecture)
        refuse(row.backbone, "name", row.name, f"{architecture}/ and one of {', '.join(tags)}")
    if known.get("hf_hub"):
        repository, _, file = known["hf_hub"].rpartition("/")
        return Origin(repository=repository, file=file or "open_clip_pytorch_model.bin")
    return Origin(url=known["url"])


def fetch_weights(row: BackboneRow, cache: Path) -> dict[str, Any]:
    """Fetch the weights of a row into the cache, unless they are there; verify them if they are.

    Parameters
    ----------
    row
        Whose weights are ``pretrained`` or a URL.
    cache
        The cache's folder.

    Returns
    -------
    dict
        JSON values: ``origin``, and ``files``: name → SHA-256.

    Raises
    ------
    CortexlensError
        If they cannot be had, or are not what they were when they were fetched.
    """
    folder, path = cache_folder(row, cache), cached_weights(row, cache)
    record = folder / RECORD
    if path is None:
        origin = origin_of(row)
        folder.mkdir(parents=True, exist_ok=True)
        say(f"{row.backbone}: fetching {origin}")
        _fetch(row, origin, folder)
        found = {"origin": str(origin), "files": _hashes(folder)}
        record.write_text(json.dumps(found, indent=2) + "\n")
        return found
    hashes = _hashes(folder)
    if not record.is_file():
        found = {"origin": "put there by hand", "files": hashes}
        record.write_text(json.dumps(found, indent=2) + "\n")
        return found
    known: dict[str, Any] = json.loads(record.read_text())
    for name, sha in known["files"].items():
        if hashes.get(name) != sha:
            raise CortexlensError(
                f"{folder / name}: is not what came from {known['origin']}: its SHA-256 was "
                f"{sha[:12]}… and is {hashes.get(name, 'gone')[:12]}…. Delete {folder} and fetch "
                "it again."
            )
    return known


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of weights below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != RECORD)
    visible = [path for path in files if not path.relative_to(folder).parts[0].startswith(".")]
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in visible}


def _fetch(row: BackboneRow, origin: Origin, folder: Path) -> None:
    """Download; whatever goes wrong is one line, and nothing half-written keeps its name."""
    try:
        if origin.url:
            _fetch_url(origin, folder)
        elif origin.file:
            from huggingface_hub import hf_hub_download

            hf_hub_download(origin.repository, origin.file, local_dir=folder)
        else:
            from huggingface_hub import snapshot_download

            wanted = [DIFFUSION_INDEX]
            wanted += [f"{part}/*{end}" for part in DIFFUSION_PARTS for end in (".json", ".txt")]
            wanted += [
                f"{part}/{stem}.safetensors"
                for part in DIFFUSION_PARTS
                for stem in ("model", "diffusion_pytorch_model")
            ]
            snapshot_download(origin.repository, local_dir=folder, allow_patterns=wanted)
    except CortexlensError:
        raise
    except Exception as error:  # networks fail in many ways
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CortexlensError(
            f"backbone {row.backbone!r}: {origin} could not be fetched ({reason}). Connect to the "
            f"network, or put the file into {folder}."
        ) from error


def _fetch_url(origin: Origin, folder: Path) -> None:
    """Fetch one file: to a temporary neighbour, its length and checksum compared, then renamed."""
    from urllib.request import urlretrieve

    from tqdm import tqdm

    name = origin.url.partition("?")[0].rpartition("/")[2]
    if not name.endswith(SUFFIXES):
        raise CortexlensError(
            f"{origin.url}: the file's name has to end in {', '.join(SUFFIXES)}. Give the address "
            "of a state dict."
        )
    with replacing(folder / name) as partial, tqdm(unit="B", unit_scale=True, desc=name) as bar:

        def show(blocks: int, size: int, total: int) -> None:
            bar.total = total if total > 0 else None
            bar.update(blocks * size - bar.n)

        # torch's own download takes a connection that breaks off for the end of the file.
        urlretrieve(origin.url, partial, show)
        found = file_hash(partial)
        if not found.startswith(origin.hash_start):
            raise CortexlensError(
                f"{origin.url}: the file's SHA-256 begins with {found[:12]}, its publisher says "
                f"{origin.hash_start}. Fetch it again; if it stays so, it is not the file meant."
            )
