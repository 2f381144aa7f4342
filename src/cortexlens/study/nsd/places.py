"""Locations of the vertices or voxels of an NSD subject, and the regions that they belong to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float32, Int8, Int64

from cortexlens.cortex.meshes import LEFT, N_VERTICES, RIGHT, encoder_coordinates
from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.study.nsd.betas import COPY_AGAIN, open_image
from cortexlens.study.nsd.layout import MASK, SIDES, WHOLE, Layout
from cortexlens.study.regions import joined_regions, named_regions
from cortexlens.study.table.grids import Grid, on_grid, same_directions

# Labels that the NSD documents; those of other regions are named in a file beside them.
LABEL_NAMES = {
    "nsdgeneral": ("nsdgeneral",),
    "prf-visualrois": ("V1v", "V1d", "V2v", "V2d", "V3v", "V3d", "hV4"),
    "streams": (
        "early",
        "midventral",
        "midlateral",
        "midparietal",
        "ventral",
        "lateral",
        "parietal",
    ),
}


@dataclass(frozen=True)
class Places:
    """The vertices or voxels that models are fitted to.

    Attributes
    ----------
    shape
        Shape of the space, as in :mod:`cortexlens.study.nsd.betas`.
    flat
        Flat indices in each file of responses, ascending.
    hemisphere
        0 left, 1 right.
    coordinates
        Coordinates in mm: on fsaverage those that the encoder uses, in a volume by its affine.
    affine
        Transformation from voxel indices to mm; None on a surface.
    """

    shape: tuple[int, ...]
    flat: tuple[Int64[np.ndarray, "_"], ...]
    hemisphere: Int8[np.ndarray, "vertex"]
    coordinates: Float32[np.ndarray, "vertex axis"]
    affine: Float[np.ndarray, "4 4"] | None

    @property
    def voxel(self) -> Int64[np.ndarray, "vertex axis"]:
        """Indices (x, y, z) of each voxel."""
        return np.stack(np.unravel_index(self.flat[0], self.shape, order="F"), axis=1)

    def those(self, kept: Bool[np.ndarray, "vertex"]) -> "Places":
        """Select some of the vertices or voxels.

        Parameters
        ----------
        kept
            True for those to select.
        """
        ends = np.cumsum([len(part) for part in self.flat])[:-1]
        parts = zip(self.flat, np.split(kept, ends), strict=True)
        return Places(
            self.shape,
            tuple(flat[part] for flat, part in parts),
            self.hemisphere[kept],
            self.coordinates[kept],
            self.affine,
        )


@dataclass(frozen=True)
class Labels:
    """Labels of all locations of a space: negative outside cortex, 0 outside regions."""

    label: Int64[np.ndarray, "place"]
    shape: tuple[int, ...]
    affine: Float[np.ndarray, "4 4"]


def read_labels(path: Path, reference: Grid | None = None) -> Labels:
    """Read a file of labels, ``.mgz`` or ``.nii.gz``.

    Parameters
    ----------
    path
        The file.
    reference
        Grid whose axes a volume should have; a volume with other axes is brought onto it. If the
        axes have equal directions, voxels are matched by index, as in the NSD.

    Raises
    ------
    CortexlensError
        If the file is missing or damaged, its grid differs, or a label is not a whole number.
    """
    image = open_image(path, "labels")
    try:
        values = np.asarray(image.dataobj)
    except Exception as error:  # damaged files fail in many ways
        raise CortexlensError(
            f"{path}: cannot be read as labels ({type(error).__name__}: {error}). "
            "Copy the file again, or remove the region from dataset.rois."
        ) from error
    if values.ndim != 3 or values.dtype.kind not in "iuf" or (values != np.floor(values)).any():
        raise CortexlensError(
            f"{path}: found {values.dtype} of shape {values.shape}; needed are whole numbers "
            "along three axes. Copy the file again."
        )
    affine = np.asarray(image.affine, np.float64)
    if reference is not None:
        grid = Grid.of(image, path)
        if not same_directions(grid, reference):
            values = on_grid(values, grid, reference, hint=f" {COPY_AGAIN}")
            affine = reference.affine
    label = values.astype(np.int64).ravel(order="F")
    return Labels(label, values.shape, affine)


def find_places(layout: Layout) -> Places:
    """Find the vertices or voxels of a subject that are in the mask.

    Parameters
    ----------
    layout
        Subject, space and mask.

    Raises
    ------
    CortexlensError
        If a file is missing or damaged, its space differs, or the mask is empty.
    """
    places = _on_fsaverage(layout) if layout.on_surface else _in_volume(layout)
    if not len(places.hemisphere):
        files = ", ".join(map(str, layout.label_files(layout.mask).values()))
        raise CortexlensError(f"{files}: the mask {layout.mask} is empty.")
    return places


def _on_fsaverage(layout: Layout) -> Places:
    n_vertices = N_VERTICES[layout.space]
    if layout.mask == WHOLE:
        chosen = [np.arange(n_vertices)] * 2
    else:
        chosen = [
            np.flatnonzero(_labels_of_shape(path, (n_vertices, 1, 1)) > 0)
            for path in layout.label_files(layout.mask).values()
        ]
    hemisphere = np.repeat(np.array([LEFT, RIGHT], np.int8), [len(part) for part in chosen])
    coordinates = encoder_coordinates(layout.space, hemisphere, np.concatenate(chosen))
    return Places((n_vertices, 1, 1), tuple(chosen), hemisphere, coordinates, None)


def _in_volume(layout: Layout) -> Places:
    reference = volume_grid(layout)
    path = layout.label_files(MASK if layout.mask == WHOLE else layout.mask)[""]
    labels = read_labels(path, reference)
    # in files of every region, labels are -1 outside cortex
    chosen = np.flatnonzero(labels.label >= 0 if layout.mask == WHOLE else labels.label > 0)
    voxel = np.stack(np.unravel_index(chosen, labels.shape, order="F"), axis=1)
    affine = reference.affine
    coordinates = voxel @ affine[:3, :3].T + affine[:3, 3]
    centre = affine[:3, :3] @ ((np.array(labels.shape) - 1) / 2) + affine[:3, 3]
    hemisphere = np.where(coordinates[:, 0] < centre[0], LEFT, RIGHT).astype(np.int8)
    left, right = (_side(layout, side, labels.shape, chosen, reference) for side in SIDES)
    hemisphere[left & ~right] = LEFT
    hemisphere[right & ~left] = RIGHT
    return Places(labels.shape, (chosen,), hemisphere, coordinates.astype(np.float32), affine)


def _side(
    layout: Layout,
    side: str,
    shape: tuple[int, ...],
    chosen: Int64[np.ndarray, "vertex"],
    reference: Grid,
) -> Bool[np.ndarray, "vertex"]:
    """Tell which voxels are in the mask's file of one hemisphere; none if there is no such file."""
    name = MASK if layout.mask == WHOLE else layout.mask
    path = layout.volume_labels / f"{side}.{name}.nii.gz"
    if not path.exists():
        return np.zeros(len(chosen), bool)
    labels = _labels_of_shape(path, shape, reference)[chosen]
    return np.asarray(labels >= 0 if layout.mask == WHOLE else labels > 0)


def volume_grid(layout: Layout) -> Grid:
    """Grid of the responses in a volume; that of the mask's labels if the responses are in HDF5.

    Parameters
    ----------
    layout
        Subject and sessions, with responses in a volume.

    Raises
    ------
    CortexlensError
        If a file cannot be read, or the axes of two sessions differ in direction.
    """
    label_file = layout.label_files(MASK if layout.mask == WHOLE else layout.mask)[""]
    found: Grid | None = None
    for session in layout.sessions:
        path = layout.betas_files(session)[0]
        if path.suffix == ".hdf5" or not path.exists():
            continue
        grid = Grid.of(open_image(path, "responses"), path)
        found = found or grid
        if not same_directions(grid, found):
            raise CortexlensError(
                f"{path}: its axes differ from those of {found.path}: its affine is "
                f"{grid.affine[:3].tolist()}, the other is {found.affine[:3].tolist()}. "
                f"{COPY_AGAIN}"
            )
    return found or Grid.of(open_image(label_file, "labels"), label_file)


def _labels_of_shape(
    path: Path, shape: tuple[int, ...], reference: Grid | None = None
) -> Int64[np.ndarray, "place"]:
    labels = read_labels(path, reference)
    if labels.shape != shape:
        raise CortexlensError(
            f"{path}: found labels of shape {labels.shape}; needed are {shape}, those of the "
            "space of the responses. Copy the file again."
        )
    return labels.label


def find_regions(
    layout: Layout, places: Places
) -> tuple[list[str], Bool[np.ndarray, "vertex roi"]]:
    """Find the regions of a subject; regions without a vertex are left out.

    Regions that the NSD provides only on the subject's own surface cannot be used on fsaverage;
    they are listed in one line on standard error.

    Parameters
    ----------
    layout
        Subject, space and files of regions.
    places
        The vertices or voxels, from :func:`find_places`.

    Raises
    ------
    CortexlensError
        If a file is missing or damaged, or a label has no name.
    """
    masks = _classes(layout, places)
    return joined_regions(masks, len(places.hemisphere), layout.root)


def _classes(layout: Layout, places: Places) -> Iterator[dict[str, Bool[np.ndarray, "vertex"]]]:
    reference = None if layout.on_surface else volume_grid(layout)
    absent = [name for name in layout.rois if layout.missing_on_fsaverage(name)]
    if absent:
        say(
            f"{layout.folder}: {', '.join(absent)} are left out: the NSD has them on the subject's "
            f"own surface only. Use space func1pt8mm, or put labels on fsaverage (lh.NAME.mgz and "
            f"rh.NAME.mgz) in {layout.fsaverage_labels}"
        )
    for name in layout.rois:
        if name in absent:
            continue
        files = layout.label_files(name)
        labels = np.concatenate(
            [
                _labels_of_shape(path, places.shape, reference)[flat]
                for path, flat in zip(files.values(), places.flat, strict=True)
            ]
        )
        if name == MASK:  # a mask rather than labels: every value above 0 means inside
            labels = np.minimum(labels, 1)
        names = _label_names(layout, name)
        present = sorted(set(np.unique(labels[labels > 0]).tolist()))
        nameless = [label for label in present if label not in names]
        if nameless:
            raise CortexlensError(
                f"{next(iter(files.values()))}: holds the label {nameless[0]}, which has no name; "
                f"known labels are {names}. Add the names in {name}.mgz.ctab beside it."
            )
        known = {label: names[label] for label in present}
        yield named_regions(labels, known, next(iter(files.values())), places.hemisphere)


def _label_names(layout: Layout, name: str) -> dict[int, str]:
    """Name of each label of a region, from a ``.ctab`` file or else from the documentation."""
    beside = layout.fsaverage_labels if layout.on_surface else layout.volume_labels
    for folder in (beside, layout.own_labels):
        for suffix in (".mgz.ctab", ".nii.gz.ctab", ".ctab"):
            for prefix in ("", "lh."):
                path = folder / f"{prefix}{name}{suffix}"
                if path.exists():
                    return _read_ctab(path)
    if name not in LABEL_NAMES:
        raise CortexlensError(
            f"{layout.own_labels / f'{name}.mgz.ctab'}: does not exist, nor is there such a file "
            f"in {beside}; it names the labels of {name}. Copy it, or remove {name} from "
            "dataset.rois."
        )
    return dict(enumerate(LABEL_NAMES[name], 1))


def _read_ctab(path: Path) -> dict[int, str]:
    """Read lines of a label and its name; the colours after them are ignored."""
    names: dict[int, str] = {}
    try:
        lines = path.read_text(errors="replace", encoding="utf-8").splitlines()
    except OSError as error:
        raise CortexlensError(f"{path}: cannot be read ({error.strerror}).") from error
    for number, line in enumerate(lines, 1):
        cells = line.partition("#")[0].split()
        if not cells:
            continue
        if len(cells) < 2 or not cells[0].isdecimal():
            raise CortexlensError(
                f"{path}, line {number}: found {line.strip()!r}; needed are a label and its name."
            )
        if names.setdefault(int(cells[0]), cells[1]) != cells[1]:
            raise CortexlensError(
                f"{path}, line {number}: names the label {int(cells[0])} {cells[1]!r}, which an "
                f"earlier line names {names[int(cells[0])]!r}. Correct the table: a label has one "
                "name."
            )
    if not names:
        raise CortexlensError(f"{path}: names no label. Copy the file again.")
    return names
