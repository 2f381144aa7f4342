"""Regions of interest from files: tables of masks, label volumes, and GIFTI labels."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int, Shaped

from cortexlens.errors import CortexlensError
from cortexlens.study.claims import load_image
from cortexlens.study.regions import Regions, named_regions
from cortexlens.study.table.array_files import reading
from cortexlens.study.table.hemispheres import by_hemisphere, stated_hemisphere
from cortexlens.study.table.recordings import Recording, label_volume
from cortexlens.study.tsv import read_tsv

LARGEST_LABEL = 2**53  # above it, float64 cannot represent all whole numbers
SCALED = 1e-3
VOLUME_SUFFIXES = (".nii.gz", ".nii")


def read_regions(
    paths: Sequence[Path], recording: Recording, resample: str | None = None
) -> Regions:
    """Read regions of interest from files.

    Parameters
    ----------
    paths
        Tables with one column of 0 and 1 per region and one row per vertex; NIfTI label volumes in
        the space of the responses, whose labels are named by a table beside them (``NAME.tsv`` with
        the columns ``index`` and ``name``, as in BIDS), or otherwise after the file and the label;
        GIFTI labels, the left hemisphere's file before the right one's.
    recording
        The responses, with the locations of their vertices.
    resample
        Resampling of label volumes, as for :func:`cortexlens.study.table.grids.on_grid`.

    Returns
    -------
    dict
        Region → mask over the vertices; regions without a vertex are left out.

    Raises
    ------
    CortexlensError
        If a file is missing or damaged or in another space, or if two regions share a name. Two
        labels of one name are allowed if they are the left and the right part of a region.
    """
    regions: Regions = {}
    surfaces = [path for path in paths if _is_gifti(path)]
    for path in paths:
        if not _is_gifti(path):
            is_table = path.suffix == ".tsv"
            found = _table(path, recording) if is_table else _volume(path, recording, resample)
            _add(regions, found, path)
    if surfaces:
        _add(regions, _gifti_labels(surfaces, recording), surfaces[0])
    return {name: mask for name, mask in regions.items() if mask.any()}


def _add(regions: Regions, found: Regions, path: Path) -> None:
    duplicates = sorted(set(regions) & set(found))
    if duplicates:
        raise CortexlensError(
            f"{path}: the region {duplicates[0]} is also in another file; rename one."
        )
    regions.update(found)


def numbers(
    path: Path, needed: tuple[str, ...], n_vertices: int
) -> dict[str, Float[np.ndarray, "vertex"]]:
    """Read columns of numbers from a table with one row per vertex.

    Parameters
    ----------
    path
        The tab-separated table.
    needed
        Columns to read; empty: all of them.
    n_vertices
        Number of rows that the table must have.

    Raises
    ------
    CortexlensError
        If a column is missing, a cell is not a number, or the number of rows differs.
    """
    table = read_tsv(path, needed=needed)
    columns = {name: _floats(path, name, table[name]) for name in needed or table}
    n_rows = len(next(iter(columns.values())))
    if n_rows != n_vertices:
        raise CortexlensError(f"{path}: found {n_rows} rows for {n_vertices} vertices.")
    return columns


def _floats(path: Path, name: str, cells: list[str]) -> Float[np.ndarray, "vertex"]:
    values = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            values[row] = float(cell)
        except ValueError as error:
            raise CortexlensError(
                f"{path}, line {row + 2}: column {name} holds {cell!r}, which is not a number."
            ) from error
    return values


def _table(path: Path, recording: Recording) -> Regions:
    columns = numbers(path, (), recording.values.shape[-1])
    for name, values in columns.items():
        wrong = np.flatnonzero((values != 0) & (values != 1))
        if wrong.size:
            raise CortexlensError(
                f"{path}, line {wrong[0] + 2}: column {name} holds {values[wrong[0]]:g}; allowed "
                "are 0 and 1, one column per region."
            )
    return {name: values == 1 for name, values in columns.items()}


def _volume(path: Path, recording: Recording, resample: str | None) -> Regions:
    if path.name.lower().endswith((".dlabel.nii", ".dlabel.nii.gz")):
        raise CortexlensError(
            f"{path}: CIFTI labels are not read; give a .label.gii of each hemisphere (wb_command "
            "-cifti-separate)."
        )
    stem = path.name
    for suffix in VOLUME_SUFFIXES:
        stem = stem.removesuffix(suffix)
    if stem == path.name:
        raise CortexlensError(
            f"{path}: unknown format of regions; allowed are .tsv, .nii, .nii.gz and .label.gii."
        )
    if "grid" not in recording.space:
        raise CortexlensError(f"{path}: is a volume, but the responses are not a volume.")
    volume = label_volume(path, recording.space["grid"], resample)
    labels = _whole_numbers(path, volume[tuple(recording.places["voxel"].T)])
    table = path.with_name(f"{stem}.tsv")
    names = _names(table)
    present = [label for label in np.unique(labels).tolist() if label > 0]
    alone = not names and len(present) == 1
    known = {label: names.get(label, stem if alone else f"{stem}-{label}") for label in present}
    where = table if names else path
    return named_regions(labels, known, where, recording.places.get("hemisphere"))


def _whole_numbers(path: Path, values: Shaped[np.ndarray, "vertex"]) -> Int[np.ndarray, "vertex"]:
    """Labels as whole numbers; NaN, which some programs store outside of the brain, becomes 0."""
    filled = np.where(np.isnan(values), 0, values).astype(np.float64)
    with np.errstate(invalid="ignore"):
        rounded = np.rint(filled)
        # programs that scale stored values may miss whole numbers by rounding
        wrong = np.flatnonzero(
            ~(np.abs(rounded - filled) < SCALED) | (np.abs(rounded) > LARGEST_LABEL)
        )
    if wrong.size:
        raise CortexlensError(
            f"{path}: holds {filled[wrong[0]]:g} in a voxel of the responses; labels must be whole "
            "numbers. Give a volume of labels, not of probabilities or interpolated values."
        )
    return np.asarray(rounded, np.int64)


def _names(path: Path) -> dict[int, str]:
    if not path.exists():
        return {}
    table = read_tsv(path, needed=("index", "name"))
    names: dict[int, str] = {}
    rows = zip(_floats(path, "index", table["index"]), table["name"], strict=True)
    for line, (index, name) in enumerate(rows, 2):
        _check_label(names, index, name.strip(), f"{path}, line {line}")
        names[int(index)] = name.strip()
    return names


def _check_label(names: Mapping[int, str], label: float, name: str, where: str) -> None:
    """Refuse a label that is not a whole number, has no name, or already has another name."""
    if not math.isfinite(label) or label != int(label) or (label > 0 and not name):
        raise CortexlensError(
            f"{where}: found the label {label:.15g} with the name {name!r}; a label must be a "
            "whole number and have a name."
        )
    if names.get(int(label), name) != name:
        raise CortexlensError(
            f"{where}: the label {int(label)} is named {name!r}, but {names[int(label)]!r} in an "
            "earlier entry. Correct the table: a label has one name."
        )


def _is_gifti(path: Path) -> bool:
    return path.name.lower().endswith((".gii", ".gii.gz"))


def _gifti_labels(paths: Sequence[Path], recording: Recording) -> Regions:
    """Regions from the GIFTI files of the left and the right mesh, named by their label tables."""
    if "vertex_index" not in recording.places:
        raise CortexlensError(
            f"{paths[0]}: holds surface labels, but the responses are not surface data."
        )
    stated = []
    for path in paths:
        with reading(path):
            image = load_image(path)
        stated.append(stated_hemisphere(path, image))
    hemisphere, vertex = recording.places["hemisphere"], recording.places["vertex_index"]
    regions: Regions = {}
    for side, index in by_hemisphere(paths, stated, "rois").items():
        labels, names = _labels(paths[index], recording.space["n_vertices"].get(side))
        chosen = hemisphere == side
        here = np.where(chosen, labels[np.where(chosen, vertex, 0)], 0)
        for name, mask in named_regions(here, names, paths[index]).items():
            regions[name] = regions[name] | mask if name in regions else mask
    return regions


def _labels(path: Path, n_vertices: int | None) -> tuple[Int[np.ndarray, "mesh"], dict[int, str]]:
    with reading(path):
        image = load_image(path)
        labels = np.asarray(image.darrays[0].data).astype(np.int64)
        table = [(int(each.key), str(each.label or "")) for each in image.labeltable.labels]
    names: dict[int, str] = {}
    for label, name in table:
        if label != 0:  # 0 marks vertices outside all regions
            _check_label(names, label, name.strip(), str(path))
            names[label] = name.strip()
    if n_vertices is not None and len(labels) != n_vertices:
        raise CortexlensError(
            f"{path}: found {len(labels)} labels for a mesh of {n_vertices} vertices."
        )
    return labels, names
