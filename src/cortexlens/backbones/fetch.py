"""Download of weights into the cache: the only part of cortexlens that uses the internet."""

import json
import re
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

from cortexlens.backbones.cache import (
    DEFAULT_CACHE,
    DENOISERS,
    DIFFUSERS_PARTS,
    RECORD,
    SUFFIXES,
    fetched,
    is_present,
    is_url,
    missing_line,
    split_weights,
    verify,
    weights_files,
)
from cortexlens.backbones.row import BackboneRow, refuse
from cortexlens.errors import CortexlensError
from cortexlens.progress import say, track
from cortexlens.storage.atomic import replacing, telling_if_full
from cortexlens.storage.provenance import file_hash

PIECE = 1 << 20
PATIENCE = 60.0
HUB = "https://huggingface.co"
# Names of weights in a repository of the hub, in order of preference.
HUB_FILES = {
    "open_clip": ("open_clip_model.safetensors", "open_clip_pytorch_model.bin"),
    "timm": ("model.safetensors", "pytorch_model.bin"),
}
# torchvision and timm put the first digits of the SHA-256 before the suffix of a file name.
NAMED_HASH = re.compile(r"-([0-9a-f]{8,64})\.")


class Address(NamedTuple):
    """A file to download.

    Parameters
    ----------
    url
        Its URL.
    file
        Its path within the folder of the cache.
    published
        First digits of its SHA-256 if the publisher states them, else empty.
    """

    url: str
    file: str
    published: str


def fetch_weights(
    row: BackboneRow, cache: str = DEFAULT_CACHE, *, offline: bool = False
) -> dict[str, str]:
    """Ensure that a row's weights are in the cache and readable; download what is missing.

    Parameters
    ----------
    row
        Row of the table of backbones.
    cache
        Folder of the cache.
    offline
        Download nothing.

    Returns
    -------
    dict
        File (path within its folder of the cache) → SHA-256; empty if the row needs no download.

    Raises
    ------
    CortexlensError
        If weights are missing while offline, cannot be downloaded, differ from the published or
        recorded checksum, or hold anything but tensors.
    """
    place = fetched(row.__dict__, cache)
    if place is None:
        return {}
    if is_present(place, row.source):
        say(f"{row.backbone}: {place.folder} is already present.")
    elif offline:
        raise CortexlensError(missing_line(row.backbone, place) + ".")
    else:
        fetch_files(addresses(row), place.folder)
    found = verify(place.folder)
    if row.source != "diffusers":
        _check_state_dict(weights_files(place.folder)[0])
    _record(place.folder, place.origin, found)
    return found


def addresses(row: BackboneRow) -> list[Address]:
    """List the files that make up a row's weights, as its library publishes them.

    Raises
    ------
    CortexlensError
        If there is no such network, or its weights are not published.
    """
    if row.source == "diffusers":
        return _of_repository(row.name)
    known = check_published(row)
    if known.get("hf_hub"):
        return [_of_hub(known["hf_hub"], HUB_FILES[row.source])]
    return [_at(known["url"])]


def check_published(row: BackboneRow) -> dict[str, str]:
    """Check that a row's weights are published according to its library, without internet access.

    Returns
    -------
    dict
        ``hf_hub`` (a repository of the Hugging Face hub) or ``url``; empty for diffusers, whose
        repositories are known only to the hub.

    Raises
    ------
    CortexlensError
        As for :func:`addresses`.
    """
    if row.weights is not None and is_url(row.weights):
        return {"url": split_weights(row.weights)[0]}
    if row.source == "diffusers":
        return {}
    if row.source == "torchvision":
        from cortexlens.backbones.sources import torchvision_weights

        return {"url": str(torchvision_weights(row).url)}
    if row.source == "open_clip":
        from cortexlens.backbones.open_clip_source import published

        known = published(row)
    else:
        known = _of_timm(row)
    hub = known.get("hf_hub", "").strip("/")
    if not hub and not known.get("url"):
        raise CortexlensError(
            f"backbone {row.backbone!r}: {row.name} has no published weights. Name one of "
            f"{row.source}'s networks that have, or a file in the column weights of "
            "backbones.tsv."
        )
    return {"hf_hub": hub} if hub else {"url": known["url"]}


def _of_timm(row: BackboneRow) -> dict[str, str]:
    from cortexlens.backbones.sources import check_name

    check_name(row)
    import timm

    config = timm.get_pretrained_cfg(row.name)
    current = timm.models.get_deprecated_models().get(row.name)
    if config is None and current:
        refuse(
            row.backbone, "name", row.name, f"{current}, the present name of these weights in timm"
        )
    known = {"hf_hub": config.hf_hub_id, "url": config.url} if config else {}
    return {key: str(value) for key, value in known.items() if value}


def _at(url: str) -> Address:
    name = url.rpartition("/")[2].partition("?")[0]
    if not name.endswith(SUFFIXES):
        name += ".pth"
    stated = NAMED_HASH.search(name)
    return Address(url, name, stated[1] if stated else "")


def _of_hub(repository: str, names: tuple[str, ...]) -> Address:
    """First of some file names that exists in a hub repository, with its published hash."""
    listed = {entry["path"]: entry for entry in _listing(repository)}
    for name in names:
        if name in listed:
            return _hub_address(repository, listed[name])
    raise CortexlensError(f"{HUB}/{repository}: has none of {', '.join(names)}.")


def _of_repository(repository: str) -> list[Address]:
    """Files of a diffusers repository that make up a network."""
    wanted = []
    folders = {str(entry["path"]) for entry in _listing(repository)}
    for part in (each for each in DIFFUSERS_PARTS if each in folders):
        entries = {
            str(entry["path"]).rpartition("/")[2]: entry for entry in _listing(repository, part)
        }
        weights = [n for n in entries if n.endswith(".safetensors") and ".fp16" not in n]
        full = [n for n in weights if "non_ema" not in n]
        # large weights are split into several files, which an index lists
        lists = [n for n in entries if n.endswith(".safetensors.index.json") and ".fp16" not in n]
        if not full or (len(full) > 1 and not lists) or "config.json" not in entries:
            raise CortexlensError(
                f"{HUB}/{repository}: folder {part} must hold a config and one .safetensors file, "
                "or several with an index."
            )
        names = (*full, *(lists if len(full) > 1 else ()), "config.json")
        wanted += [_hub_address(repository, entries[name]) for name in names]
    if "vae" not in folders or not folders & set(DENOISERS):
        raise CortexlensError(
            f"{HUB}/{repository}: found folders {', '.join(sorted(folders))}; needed are vae and "
            f"{' or '.join(DENOISERS)}. Name the repository of a latent diffusion network."
        )
    file = "scheduler/scheduler_config.json"
    # weights last, so that an interrupted download does not look complete
    wanted.sort(key=lambda address: address.file.endswith(".safetensors"))
    return [Address(f"{HUB}/{repository}/resolve/main/{file}", file, ""), *wanted]


def _listing(repository: str, folder: str = "") -> list[dict[str, object]]:
    below = f"/{folder}" if folder else ""
    url = f"{HUB}/api/models/{repository}/tree/main{below}"
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            listed: list[dict[str, object]] = json.load(answer)
            return listed
    except (OSError, ValueError) as error:
        raise _unreachable(url, error) from error


def _hub_address(repository: str, entry: dict[str, object]) -> Address:
    path, large = str(entry["path"]), entry.get("lfs")
    published = str(large.get("oid", "")) if isinstance(large, dict) else ""
    return Address(f"{HUB}/{repository}/resolve/main/{path}", path, published)


def fetch_files(files: list[Address], folder: Path) -> None:
    """Download files one by one, each completely or not at all; existing files are kept.

    Parameters
    ----------
    files
        Files to download.
    folder
        Folder of the cache that they belong to.
    """
    for address in files:
        target = folder / address.file
        if not target.is_file():
            fetch_file(address, target)


def fetch_file(address: Address, target: Path) -> None:
    """Download a file, which appears under its name once it is complete and its checksum agrees.

    Parameters
    ----------
    address
        URL, name and published checksum of the file.
    target
        Path to write.

    Raises
    ------
    CortexlensError
        If the server does not answer, the transfer ends early, or the checksum differs. Partial
        data are removed; another call starts from the beginning.
    """
    say(f"Fetching {address.url}")
    with replacing(target) as partial:
        try:
            with urllib.request.urlopen(address.url, timeout=PATIENCE) as answer:
                expected = answer.headers.get("Content-Length")
                n_pieces = -(-int(expected) // PIECE) if expected else None
                _copy(answer, partial, target.name, n_pieces)
        except (OSError, ValueError) as error:
            raise _unreachable(address.url, error) from error
        size = partial.stat().st_size
        if expected and size != int(expected):
            raise CortexlensError(
                f"{address.url}: the transfer ended after {size:,} of {int(expected):,} bytes; "
                "nothing was kept. Run it again."
            )
        digest = file_hash(partial)
        if not digest.startswith(address.published):
            raise CortexlensError(
                f"{address.url}: its checksum begins with {digest[:12]}, but the published one "
                f"with {address.published[:12]}; nothing was kept. Run it again."
            )


def _copy(answer: object, partial: Path, name: str, n_pieces: int | None) -> None:
    pieces = iter(lambda: answer.read(PIECE), b"")  # type: ignore[attr-defined]
    with partial.open("wb") as file:
        for piece in track(pieces, f"MiB of {name}", total=n_pieces):
            with telling_if_full(partial):
                file.write(piece)


def _unreachable(url: str, error: Exception) -> CortexlensError:
    if isinstance(error, urllib.error.HTTPError):
        reason = f"the server answers {error.code} {error.reason}"
        error.close()  # the error object keeps the connection open
    else:
        reason = str(getattr(error, "reason", error)) or type(error).__name__
    return CortexlensError(
        f"{url}: could not be fetched ({reason}). Check the address and the connection."
    )


def _check_state_dict(path: Path) -> None:
    """Refuse a file without a state dict; if it was downloaded just now, remove it."""
    from cortexlens.backbones.checkpoints import state_dicts

    try:
        state_dicts(path)
    except CortexlensError:
        if not (path.parent / RECORD).is_file():
            shutil.rmtree(path.parent)
        raise


def _record(folder: Path, origin: str, files: dict[str, str]) -> None:
    with replacing(folder / RECORD) as partial:
        partial.write_text(
            json.dumps({"origin": origin, "files": files}, indent=2) + "\n", encoding="utf-8"
        )
