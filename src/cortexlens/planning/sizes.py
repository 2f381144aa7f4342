"""Sizes of a study's subjects and networks, found without computing anything.

Each size comes from the best source available: the study's own results, a quick look at the data,
the published size of a data set, or an assumption. :class:`Found` records which.
"""

import json
from dataclasses import replace
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.size import NetworkSize
from cortexlens.config.inputs import Row
from cortexlens.config.study import Study
from cortexlens.errors import CortexlensError
from cortexlens.planning.workloads import SubjectSize
from cortexlens.shapes import FURTHER_PICTURES
from cortexlens.study.files import find_files
from cortexlens.study.nsd.layout import MASK, WHOLE, Layout

LISTED = Path(__file__).with_name("network_sizes.json")
# Sizes to assume if nothing is known: an NSD subject, and a ViT-B/16.
UNKNOWN_SUBJECT = SubjectSize(10_000, 30_000, 40_000)
UNKNOWN_NETWORK = NetworkSize(86_000_000, (768,) * 12, 224, 35.2e9, 1.9e6, 9.5e6)
# Simulated cortices differ a little between subjects.
DRAWN_VERTICES = 2_400

NSD_TRIALS = 750  # per session
# Number of distinct images in the first n sessions, as released; interpolated in between.
NSD_PICTURES = {0: 0, 30: 8_859, 32: 9_209, 40: 10_000}
FSAVERAGE, NSD_SURFACE = 2 * 163_842, 37_984  # whole mesh, and nsdgeneral on it
NSD_VOXELS = {  # nsdgeneral
    "subj01": 15_724,
    "subj02": 14_278,
    "subj03": 15_226,
    "subj04": 13_153,
    "subj05": 13_039,
    "subj06": 17_907,
    "subj07": 12_682,
    "subj08": 14_386,
}
NSD_CORTEX, NSD_VOLUME = 220_000, 81 * 104 * 83  # voxels of cortex, and of the whole volume
ALGONAUTS_IMAGES = dict(
    zip(
        (f"subj{number:02d}" for number in range(1, 9)),
        (9841, 9841, 9082, 8779, 9841, 9082, 9841, 8779),
        strict=True,
    )
)
ALGONAUTS_VERTICES = {"subj06": 39_198, "subj08": 39_511}
ALGONAUTS_USUAL = 39_548


class Found(NamedTuple):
    """A size and its source.

    Attributes
    ----------
    size
        The size.
    origin
        ``results``, ``data``, ``config``, ``released``, ``listed``, ``measured`` or ``assumed``.
    """

    size: Any
    origin: str


def subject_size(study: Study, name: str, results: Path, *, thorough: bool = False) -> Found:
    """Determine the size of a subject.

    Parameters
    ----------
    study
        The study.
    name
        Id of the subject.
    results
        Folder of the study's results.
    thorough
        Whether to read the data if present, as ``cortexlens check`` does; otherwise only file sizes
        and headers are read.

    Returns
    -------
    Found
        With a :class:`cortexlens.planning.workloads.SubjectSize`.
    """
    if name == FURTHER_PICTURES:
        return _further(study)
    made = _made(results / "subjects" / name / "responses.zarr")
    if made is not None:
        return Found(made, "results")
    dataset, row = study.config["dataset"], study.subjects[name]
    glances = {"nsd": _nsd, "algonauts2023": _algonauts, "table": _table}
    try:
        found = glances.get(study.kind, _drawn)(dataset, row)
        return _read(study, row, found) if thorough else found
    except (CortexlensError, OSError, ValueError, KeyError, BadZipFile):
        return Found(UNKNOWN_SUBJECT, "assumed")


def _further(study: Study) -> Found:
    """Count the files of the additional images that no subject saw."""
    try:
        return Found(
            SubjectSize(_count_images(Path(study.config["sae"]["pictures"])), 0, 0), "data"
        )
    except (OSError, KeyError, BadZipFile):
        return Found(UNKNOWN_SUBJECT, "assumed")


def _made(store: Path) -> SubjectSize | None:
    """Read the shapes of a finished response store, without zarr."""
    try:
        shapes = [
            json.loads((store / name / "zarr.json").read_text(encoding="utf-8"))["shape"]
            for name in ("response", "split")
        ]
        (n_trials, n_vertices), (n_images,) = shapes
    except (OSError, ValueError, KeyError):
        return None
    return SubjectSize(n_images, n_trials, n_vertices, (store / "coordinates").exists())


def _read(study: Study, row: Row, found: Found) -> Found:
    """Replace sizes by those that the data's own readers find, if the data are present."""
    from cortexlens.study.survey import survey_subject

    try:
        seen = survey_subject(study.kind, study.config["dataset"], row)
    except CortexlensError:
        return found
    n_vertices = found.size.n_vertices if seen.n_vertices is None else seen.n_vertices
    size = replace(found.size, n_images=seen.n_images, n_trials=seen.n_trials)
    return Found(
        replace(size, n_vertices=n_vertices),
        found.origin if seen.n_vertices is None else "data",
    )


def _drawn(dataset: dict[str, Any], row: Row) -> Found:
    from cortexlens.study.pictures.image_set import parse_ranges

    n_images = len(parse_ranges(row["scenes"], dataset["n_scenes"], Path("scenes.tsv")))
    return Found(SubjectSize(n_images, n_images * dataset["repeats"], DRAWN_VERTICES), "config")


def _nsd(dataset: dict[str, Any], row: Row) -> Found:
    layout = Layout.from_options({**dataset, **row})
    n_sessions = len(layout.sessions)
    below = max(count for count in NSD_PICTURES if count <= n_sessions)
    above = min(count for count in NSD_PICTURES if count >= n_sessions)
    n_images = NSD_PICTURES[below]
    if above > below:
        slope = (NSD_PICTURES[above] - n_images) / (above - below)
        n_images = min(round(n_images + slope * (n_sessions - below)), NSD_TRIALS * n_sessions)
    whole = layout.mask == WHOLE
    if layout.on_surface:
        n_vertices = FSAVERAGE if whole else NSD_SURFACE
    else:
        n_vertices = NSD_CORTEX if whole else NSD_VOXELS[layout.folder]
    n_trials = NSD_TRIALS * n_sessions
    read = float(n_trials * (FSAVERAGE if layout.on_surface else NSD_VOLUME))
    known = layout.mask == MASK or (whole and layout.on_surface)
    known = known and n_sessions in NSD_PICTURES
    size = SubjectSize(n_images, n_trials, n_vertices, values_read=read)
    return Found(size, "released" if known else "assumed")


def _algonauts(dataset: dict[str, Any], row: Row) -> Found:
    folder = row.get("folder", row["subject"])
    n_vertices = ALGONAUTS_VERTICES.get(folder, ALGONAUTS_USUAL)
    if folder in ALGONAUTS_IMAGES:
        n_images = ALGONAUTS_IMAGES[folder]
        return Found(SubjectSize(n_images, n_images, n_vertices), "released")
    pictures = Path(dataset["root"]) / folder / "training_split" / "training_images"
    n_images = sum(1 for _ in pictures.iterdir())
    return Found(SubjectSize(n_images, n_images, n_vertices), "data")


def _table(dataset: dict[str, Any], row: Row) -> Found:
    """Estimate the size of plain files from file sizes and headers, without reading contents."""
    root = Path(dataset["root"])
    n_images = _count_images(root / row["images"])
    n_values = sum(_count_values(path) for path in find_files(root, row["responses"]))
    if "responses_right" in row:
        n_values += sum(_count_values(path) for path in find_files(root, row["responses_right"]))
    n_trials = n_images
    if "trials" in row:
        n_trials = sum(_count_rows(path) for path in find_files(root, row["trials"]))
    if not n_trials or not n_values:
        raise ValueError("no file to estimate the size from")
    on_cortex = any(name in row for name in ("coordinates", "mesh", "mask"))
    n_vertices = max(1, round(n_values / n_trials))
    return Found(SubjectSize(n_images, n_trials, n_vertices, on_cortex), "data")


def _count_images(path: Path) -> int:
    if path.is_dir():
        return sum(1 for each in path.rglob("*") if each.is_file())
    if path.suffix == ".zip":
        with ZipFile(path) as archive:
            return sum(1 for each in archive.infolist() if not each.is_dir())
    return _count_rows(path)


def _count_rows(path: Path) -> int:
    with path.open("rb") as file:
        return max(0, sum(1 for line in file if line.strip()) - 1)


def _count_values(path: Path) -> float:
    """Number of values in a file of responses, from its header or its size in bytes."""
    if path.suffix == ".npy":
        import numpy as np

        return float(prod(np.load(path, mmap_mode="r", allow_pickle=False).shape))
    if path.is_dir():
        shape = json.loads((path / "zarr.json").read_text(encoding="utf-8"))["shape"]
        return float(prod(shape))
    packed = 3 if path.suffix == ".gz" else 1
    return packed * path.stat().st_size / 4


def network_size(study: Study, name: str, results: Path, *, thorough: bool = False) -> Found:
    """Determine the size of a network.

    Parameters
    ----------
    study, results
        As for :func:`subject_size`.
    name
        Id of the network.
    thorough
        Whether to build networks that are not listed, without weights; otherwise a size is assumed.

    Returns
    -------
    Found
        With a :class:`cortexlens.backbones.size.NetworkSize`.

    Raises
    ------
    CortexlensError
        If the network has to be built and cannot be.
    """
    described = _described(results / "backbones" / f"{name}.json")
    if described is not None:
        return Found(described, "results")
    row = study.backbones[name]
    listed = _listed().get(network_key(row))
    if listed is not None:
        return Found(_size(listed), "listed")
    if not thorough:
        return Found(UNKNOWN_NETWORK, "assumed")
    from cortexlens.backbones.measure import measure_network

    read = BackboneRow.from_columns(row)
    try:
        return Found(measure_network(read), "measured")
    except CortexlensError:
        if read.source != "diffusers":
            raise
        # Most repositories are unknown before they are downloaded.
        return Found(UNKNOWN_NETWORK, "assumed")


def network_key(row: Row) -> str:
    """Key of everything that decides a network's size: all but weights and pixel preprocessing."""
    cells = [row.get(column, "") for column in ("source", "name", "arguments")]
    layers = row.get("layers", "all")
    inverted = [row[column] for column in ("inversion_steps", "time_steps") if row.get(column)]
    return "|".join([*cells, layers, row.get("input_size", ""), *inverted])


@cache
def _listed() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(LISTED.read_text(encoding="utf-8"))
    return found


def _described(path: Path) -> NetworkSize | None:
    """Read a network's size from its description, if that contains the cost per image."""
    try:
        return _size(json.loads(path.read_text(encoding="utf-8"))["size"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _size(found: dict[str, Any]) -> NetworkSize:
    return NetworkSize(**{**found, "channels": tuple(found["channels"])})
