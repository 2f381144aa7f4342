"""Contents of a subject's data (images, trials, vertices, regions), before any computation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import numpy as np
import xarray as xr
from jaxtyping import Bool, Int8

from cortexlens.errors import CortexlensError, SeveralFaultsError, faults_of
from cortexlens.shapes import SPLIT_NAMES, TRAIN
from cortexlens.study.files import TABLE_FILES, absence, existing, find_files, named
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.split import given_split, part_sizes, split_by_image
from cortexlens.study.table.subject_files import TableFiles

# Responses larger than this (in bytes) are not read in a survey.
LARGEST_READ = 2**32
Found = TypeVar("Found")


@dataclass(frozen=True)
class Deal:
    """How a study splits its images, and where decoded images are remembered.

    Parameters
    ----------
    seed, parts
        As for :func:`cortexlens.study.split.split_by_image`.
    memory
        Folder that remembers which images could be decoded completely. None: images are not
        decoded.
    """

    seed: int = 0
    parts: tuple[int, ...] = (8, 1, 1)
    memory: Path | None = None


class Survey(NamedTuple):
    """Counts of one subject.

    Attributes
    ----------
    n_images, n_trials
        Number of images, and of presentations of them.
    n_vertices
        Number of vertices; None if it is known only after simulation, or the data were not read.
    regions
        Names of the regions that contain a vertex; None if they are only known later.
    parts
        Number of training, validation and test images.
    shapes
        (Width, height) in pixels → number of such images; empty if all are square, as drawn scenes
        and the images of the Natural Scenes Dataset are.
    """

    n_images: int
    n_trials: int
    n_vertices: int | None
    regions: tuple[str, ...] | None
    parts: tuple[int, ...]
    shapes: Mapping[tuple[int, int], int] = MappingProxyType({})


def survey_subject(
    kind: str, dataset: Mapping[str, Any], row: Mapping[str, str], deal: Deal | None = None
) -> Survey:
    """Count what a subject's data contain, using the same readers as the workflow.

    Parameters
    ----------
    kind
        Kind of the dataset.
    dataset
        Section ``dataset`` of the config, with defaults filled in.
    row
        The subject's row of the table.
    deal
        How images are split, and whether they are decoded. None: 8:1:1, without decoding.

    Raises
    ------
    CortexlensError
        If a file is missing or malformed, counts do not match, or an image cannot be decoded;
        several faults are collected in a :class:`cortexlens.errors.SeveralFaultsError`.
    """
    surveys: dict[str, Callable[..., Survey]] = {
        "simulated": _drawn,
        "planted": _drawn,
        "table": _table,
        "algonauts2023": _algonauts2023,
        "nsd": _nsd,
    }
    return surveys[kind](dataset, row, deal or Deal())


class _Faults:
    """Collects the faults of checks that are independent of each other."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def of(self, look: Callable[[], Found]) -> Found | None:
        """Run a check and return its result; if it fails, note the faults and return None."""
        try:
            return look()
        except CortexlensError as error:
            self.lines += faults_of(error)
            return None


def _split(pictures: ImageSet, deal: Deal) -> Int8[np.ndarray, "image"]:
    """Split the images as the stage that collects responses will do."""
    if pictures.splits is not None:
        return given_split(pictures.splits, pictures.sha256)
    if len(set(pictures.sha256)) < len(SPLIT_NAMES):  # too few; the survey's counts will show it
        return np.full(len(pictures), TRAIN, np.int8)
    return split_by_image(pictures.sha256, deal.seed, deal.parts)


def _sizes(split: Int8[np.ndarray, "image"]) -> tuple[int, ...]:
    return tuple(np.bincount(split, minlength=len(SPLIT_NAMES)).tolist())


def _decoded(pictures: ImageSet, deal: Deal, faults: _Faults) -> None:
    """Note the images that cannot be decoded."""
    if deal.memory is not None:
        from cortexlens.study.pictures.complete import damaged_pictures

        faults.lines += damaged_pictures(pictures, deal.memory)


def _drawn(dataset: Mapping[str, Any], row: Mapping[str, str], deal: Deal) -> Survey:
    from cortexlens.study.pictures.image_set import parse_ranges

    n_images = len(parse_ranges(row["scenes"], dataset["n_scenes"], Path("scenes.tsv")))
    parts = tuple(part_sizes(n_images, deal.parts))
    return Survey(n_images, n_images * dataset["repeats"], None, None, parts)


def _table(dataset: Mapping[str, Any], row: Mapping[str, str], deal: Deal) -> Survey:
    from cortexlens.study.table.subject import table_images
    from cortexlens.study.table.subject_files import paired

    root, faults = Path(dataset["root"]), _Faults()
    found = {name: find_files(root, row[name], aloud=True) for name in TABLE_FILES if name in row}
    missing = _absent({"images": [existing(root / row["images"])], **found}, faults)
    files = TableFiles.of({name: paths for name, paths in found.items() if name not in missing})
    pictures, split, responses = None, None, None
    if not missing & {"images", "trials"}:
        pictures = faults.of(lambda: table_images(root / row["images"], files.trials))
    if pictures is not None:
        split = faults.of(partial(_split, pictures, deal))
        _decoded(pictures, deal, faults)
    readable = not missing & {"responses", "responses_right", "trials", "mask"}
    if sum(path.stat().st_size for path in found["responses"] if path.is_file()) > LARGEST_READ:
        faults.of(lambda: paired(files))
    elif readable:
        if pictures is not None and split is not None:
            look = partial(_responses, dataset, row, files, pictures, split == TRAIN)
            responses = faults.of(look)
        if responses is None:
            _places(row, files, faults)
    if faults.lines or pictures is None or split is None:
        raise SeveralFaultsError(faults.lines)
    n_images, parts = len(pictures), _sizes(split)
    if responses is None:
        return Survey(n_images, n_images, None, None, parts, pictures.shapes())
    regions = tuple(map(str, responses["roi"].values)) if "roi" in responses else ()
    counts = n_images, responses.sizes["trial"], responses.sizes["vertex"]
    return Survey(*counts, regions, parts, pictures.shapes())


def _absent(columns: Mapping[str, Sequence[Path]], faults: _Faults) -> set[str]:
    """Note files that are missing; return the columns that name them."""
    absent = {name: absence(path) for name, path in named(columns).items()}
    faults.lines += [
        f"{name}: {path} {absent[name]}" for name, path in named(columns).items() if absent[name]
    ]
    return {name.split(" ")[0] for name, what in absent.items() if what}


def _responses(
    dataset: Mapping[str, Any],
    row: Mapping[str, str],
    files: TableFiles,
    pictures: ImageSet,
    train: Bool[np.ndarray, "image"],
) -> xr.Dataset:
    """Read a subject's responses and check that a model can be fitted to them."""
    from cortexlens.study.responses import check_responses
    from cortexlens.study.table.subject import table_responses

    given = table_responses(
        files,
        pictures,
        train,
        axes=row.get("axes"),
        space=row.get("space"),
        scale=dataset["scale"],
        resample=row.get("resample"),
        missing=row.get("missing"),
    )
    check_responses(given, pictures, str(files.responses[0]))
    return given


def _places(row: Mapping[str, str], files: TableFiles, faults: _Faults) -> None:
    """Check locations and regions of vertices even though the responses have a fault.

    Faults that were noted before are noted again; duplicate lines are removed later.
    """
    from cortexlens.study.table.label_files import read_regions
    from cortexlens.study.table.subject_files import paired, read_files
    from cortexlens.study.table.vertex_places import place_vertices

    resample = row.get("resample")
    recording = faults.of(lambda: read_files(paired(files), row.get("axes"), resample))
    if recording is None:
        return
    faults.of(
        lambda: place_vertices(
            recording,
            recording.values.shape[-1],
            coordinates=files.coordinates,
            mesh=files.mesh,
            space=row.get("space"),
            surface=files.surface,
        )
    )
    faults.of(lambda: read_regions(files.rois, recording, resample) if files.rois else {})


def _nsd(dataset: Mapping[str, Any], row: Mapping[str, str], deal: Deal) -> Survey:
    from cortexlens.study.nsd.layout import Layout
    from cortexlens.study.nsd.subject import survey_nsd

    counts = survey_nsd(Layout.from_options({**dataset, **row}))
    parts = tuple(part_sizes(counts[0], deal.parts))
    return Survey(*counts[:3], tuple(counts[3]), parts)


def _algonauts2023(dataset: Mapping[str, Any], row: Mapping[str, str], deal: Deal) -> Survey:
    from cortexlens.study.algonauts2023 import algonauts_images, survey_algonauts

    faults, split, counts = _Faults(), None, None
    folder = Path(dataset["root"]) / row.get("folder", row["subject"])
    pictures = faults.of(lambda: algonauts_images(folder))
    if pictures is not None:
        split = faults.of(partial(_split, pictures, deal))
        _decoded(pictures, deal, faults)
        counts = faults.of(partial(survey_algonauts, folder, len(pictures)))
    if faults.lines or pictures is None or split is None or counts is None:
        raise SeveralFaultsError(faults.lines)
    n_vertices, regions = counts
    n_images = len(pictures)
    return Survey(n_images, n_images, n_vertices, tuple(regions), _sizes(split), pictures.shapes())
