"""Studies of kind ``algonauts2023``: the Algonauts 2023 challenge, as distributed.

The distributed responses are z-scored within session and averaged over repeats, so there is one
trial per image and no estimate of the noise ceiling. Source: Gifford et al. 2023, *The Algonauts
Project 2023 Challenge: how the human brain makes sense of natural scenes*.
"""

import re
from pathlib import Path

import numpy as np
import xarray as xr
from jaxtyping import Bool, Int64

from cortexlens.cortex.meshes import LEFT, N_VERTICES, RIGHT, encoder_coordinates
from cortexlens.errors import CortexlensError
from cortexlens.study.arrays import map_npy
from cortexlens.study.files import natural_key
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.regions import joined_regions
from cortexlens.study.unpickle import read_mapping

SPACE = "fsaverage"
SIDES = {"lh": LEFT, "rh": RIGHT}
CLASSES = (
    "prf-visualrois",
    "floc-bodies",
    "floc-faces",
    "floc-places",
    "floc-words",
    "streams",
)
IMAGE_NAME = re.compile(r"train-(?P<index>[0-9]+)_(?P<nsd>nsd-[0-9]+)\.png")


def algonauts_images(folder: Path) -> ImageSet:
    """List a subject's training images.

    Parameters
    ----------
    folder
        Folder of the subject, e.g. ``algonauts_2023/subj01``.

    Returns
    -------
    ImageSet
        Identifiers are the images' numbers in the NSD, from 0, e.g. ``nsd-00013``; in the order of
        the responses.

    Raises
    ------
    CortexlensError
        If there are no images, or the numbers in their names are not 1, 2, 3, …
    """
    pictures = folder / "training_split" / "training_images"
    if not pictures.is_dir():
        raise CortexlensError(
            f"{pictures}: there is no such folder. A subject's folder of the Algonauts 2023 "
            "challenge holds training_split/training_images; see dataset.root in the config."
        )
    names = sorted((path.name for path in pictures.glob("*.png")), key=natural_key)
    names = [name for name in names if not name.startswith(".")]
    matches = [IMAGE_NAME.fullmatch(name) for name in names]
    for expected, (name, match) in enumerate(zip(names, matches, strict=True), 1):
        if match is None or int(match["index"]) != expected:
            raise CortexlensError(
                f"{pictures}: found {name} where image {expected} should be; the names must be "
                "train-0001_nsd-00013.png and so on, without gaps. Copy the folder again."
            )
    return ImageSet.from_sources(
        [match["nsd"] for match in matches if match], [str(pictures / name) for name in names]
    )


def algonauts_responses(folder: Path, n_images: int) -> xr.Dataset:
    """Read the responses to a subject's training images, with coordinates and regions.

    Parameters
    ----------
    folder
        Folder of the subject.
    n_images
        Number of training images.

    Returns
    -------
    xr.Dataset
        Input of :func:`cortexlens.study.responses.finish_responses`; left hemisphere first.

    Raises
    ------
    CortexlensError
        If a file is missing or malformed, or the numbers of images or vertices do not match.
    """
    mapped = _mapped(folder, n_images)
    vertices = [_mask(folder, side, array.shape[1]) for side, array in mapped.items()]
    vertex_index = np.concatenate(vertices)
    hemisphere = np.repeat(np.array(list(SIDES.values()), np.int8), [len(at) for at in vertices])
    names, masks = _regions(folder, {side: array.shape[1] for side, array in mapped.items()})
    dataset = xr.Dataset(
        {
            "response": (("trial", "vertex"), np.concatenate(list(mapped.values()), axis=1)),
            "trial_image": ("trial", np.arange(n_images, dtype=np.int64)),
            "hemisphere": ("vertex", hemisphere),
            "vertex_index": ("vertex", vertex_index),
            "coordinates": (
                ("vertex", "axis"),
                encoder_coordinates(SPACE, hemisphere, vertex_index),
            ),
            "roi_mask": (("vertex", "roi"), masks),
        },
        coords={"roi": np.array(names, dtype=object)},
        attrs={"space": SPACE},
    )
    dataset["response"].attrs["units"] = "standard deviations within session, mean over repeats"
    dataset["coordinates"].attrs["units"] = "mm"
    return dataset


def survey_algonauts(folder: Path, n_images: int) -> tuple[int, list[str]]:
    """Count a subject's vertices and list the regions, without reading the responses.

    Parameters
    ----------
    folder, n_images
        As for :func:`algonauts_responses`.

    Raises
    ------
    CortexlensError
        As for :func:`algonauts_responses`.
    """
    counts = {side: array.shape[1] for side, array in _mapped(folder, n_images).items()}
    for side, count in counts.items():
        _mask(folder, side, count)
    return sum(counts.values()), _regions(folder, counts)[0]


def _mapped(folder: Path, n_images: int) -> dict[str, np.ndarray]:
    """Responses of each hemisphere, (image, vertex) float32, memory-mapped."""
    fmri = folder / "training_split" / "training_fmri"
    mapped = {
        side: map_npy(fmri / f"{side}_training_fmri.npy", kinds="f", n_axes=2) for side in SIDES
    }
    for side, array in mapped.items():
        if array.dtype != np.float32 or array.shape[0] != n_images:
            raise CortexlensError(
                f"{fmri / f'{side}_training_fmri.npy'}: found {array.dtype} responses to "
                f"{array.shape[0]} images; needed are float32 responses to the {n_images} "
                "training images."
            )
    return mapped


def algonauts_files(folder: Path) -> dict[str, Path]:
    """List the files that :func:`algonauts_responses` reads, responses first.

    Parameters
    ----------
    folder
        Folder of the subject.

    Returns
    -------
    dict
        File name → file; only files that exist.
    """
    wanted = [
        *(
            folder / "training_split" / "training_fmri" / f"{side}_training_fmri.npy"
            for side in SIDES
        ),
        *(folder / "roi_masks" / f"{side}.all-vertices_fsaverage_space.npy" for side in SIDES),
        *(folder / "roi_masks" / f"mapping_{name}.npy" for name in CLASSES),
        *(
            folder / "roi_masks" / f"{side}.{name}_challenge_space.npy"
            for name in CLASSES
            for side in SIDES
        ),
    ]
    return {path.name: path for path in wanted if path.exists()}


def _mask(folder: Path, side: str, n_vertices: int) -> Int64[np.ndarray, "vertex"]:
    """Index on the mesh of each vertex of a hemisphere."""
    path = folder / "roi_masks" / f"{side}.all-vertices_fsaverage_space.npy"
    mask = map_npy(path, kinds="fiub", n_axes=1)
    chosen = np.flatnonzero(mask)
    other = mask[chosen][mask[chosen] != 1]
    if mask.size != N_VERTICES[SPACE] or other.size:
        raise CortexlensError(
            f"{path}: found {mask.size} values, {other.size} of them neither 0 nor 1; needed are "
            f"{N_VERTICES[SPACE]} values 0 or 1."
        )
    if len(chosen) != n_vertices:
        raise CortexlensError(
            f"{path}: marks {len(chosen)} vertices, but {side}_training_fmri.npy holds responses "
            f"of {n_vertices}. Copy the subject's folder again."
        )
    return chosen.astype(np.int64)


def _regions(
    folder: Path, n_vertices: dict[str, int]
) -> tuple[list[str], Bool[np.ndarray, "vertex roi"]]:
    """Names of a subject's regions and their masks; left hemisphere first."""
    classes = (_regions_of_class(folder, name, n_vertices) for name in CLASSES)
    return joined_regions(classes, sum(n_vertices.values()), folder / "roi_masks")


def _regions_of_class(
    folder: Path, name: str, n_vertices: dict[str, int]
) -> dict[str, Bool[np.ndarray, "vertex"]]:
    """Regions of one class that contain a vertex; none if the subject lacks the class."""
    masks = folder / "roi_masks"
    files = {side: masks / f"{side}.{name}_challenge_space.npy" for side in n_vertices}
    if not any(path.exists() for path in files.values()):
        return {}
    labels = np.concatenate([_labels(files[side], count) for side, count in n_vertices.items()])
    mapping = read_mapping(masks / f"mapping_{name}.npy")
    present = set(np.unique(labels).tolist()) - {0}
    names = [mapping.get(label) for label in present]
    if None in names or len(set(names)) < len(names):
        raise CortexlensError(
            f"{masks / f'mapping_{name}.npy'}: holds the names {mapping}, but the masks hold the "
            f"labels {sorted(present)}, each of which needs a name. Copy the folder again."
        )
    return {mapping[label]: labels == label for label in sorted(present)}


def _labels(path: Path, n_vertices: int) -> Int64[np.ndarray, "vertex"]:
    """Label of each vertex of a hemisphere, 0 for none; all 0 if the file is missing."""
    if not path.exists():
        return np.zeros(n_vertices, np.int64)
    labels = map_npy(path, kinds="iu", n_axes=1)
    if labels.size != n_vertices:
        raise CortexlensError(
            f"{path}: found {labels.size} labels for {n_vertices} vertices of the hemisphere."
        )
    return labels.astype(np.int64)
