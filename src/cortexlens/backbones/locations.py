"""Where fetched weights are kept: a cache with one folder a network."""

import hashlib
import re
from pathlib import Path

from cortexlens.backbones.checkpoints import PRETRAINED, is_url
from cortexlens.backbones.row import BackboneRow
from cortexlens.errors import CortexlensError

DEFAULT_CACHE = Path("~/.cache/cortexlens")
# What is at the end of the names of files with weights.
SUFFIXES = (".safetensors", ".pt", ".pth", ".th", ".bin", ".ckpt", ".tar")
DIFFUSION_INDEX = "model_index.json"


def is_fetched(row: BackboneRow) -> bool:
    """Tell whether a row's weights have to be fetched."""
    return row.weights == PRETRAINED or is_url(row.weights)


def cache_folder(row: BackboneRow, cache: Path) -> Path:
    """Folder in the cache that a row's weights are kept in; rows with the same weights share it."""
    if is_url(row.weights):
        url = str(row.weights)
        slug = f"{hashlib.sha256(url.encode()).hexdigest()[:8]}-{url.rpartition('/')[2]}"
        return cache.expanduser() / "url" / _plain(slug)
    return cache.expanduser() / row.source / _plain(row.name)


def _plain(name: str) -> str:
    return re.sub(r"[^\w.+-]", "--", name)


def cached_weights(row: BackboneRow, cache: Path) -> Path | None:
    """File (a folder, for diffusion networks) of a row's weights in the cache; None without one.

    A file that a person has put there counts as well as one that was fetched.
    """
    folder = cache_folder(row, cache)
    if (folder / DIFFUSION_INDEX).is_file():
        return folder
    if not folder.is_dir():
        return None
    # Hidden are those that are just being fetched.
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    files = [folder / name for name in names if name.endswith(SUFFIXES)]
    return files[0] if files else None


def needed_weights(row: BackboneRow, cache: Path) -> Path:
    """File of a row's weights in the cache.

    Raises
    ------
    CortexlensError
        If it is not there.
    """
    path = cached_weights(row, cache)
    if path is None:
        raise CortexlensError(
            f"backbone {row.backbone!r}: its weights are not in {cache_folder(row, cache)}. Fetch "
            "them with `snakemake fetch_all`, or put the file there."
        )
    return path
