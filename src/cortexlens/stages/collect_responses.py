"""Stage: convert a subject's responses to one format, whatever the kind of study."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cortexlens.errors import CortexlensError

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from jaxtyping import Bool

    from cortexlens.study.pictures.image_set import ImageSet


def collect_responses(
    kind: Annotated[
        str, typer.Option(help="Kind of study: simulated, table, algonauts2023 or nsd.")
    ],
    images: Annotated[Path, typer.Option(help="List of the subject's images (images.tsv).")],
    subject: Annotated[str, typer.Option(help="Identifier of the subject.")],
    out: Annotated[Path, typer.Option(help="Store to write: responses.zarr.")],
    seed: Annotated[
        int,
        typer.Option(
            help="Seed of the split into training, validation and test images, and of simulations.",
            min=0,
        ),
    ] = 0,
    split: Annotated[
        str, typer.Option(help="Proportions of training, validation and test images, e.g. 8,1,1.")
    ] = "8,1,1",
    root: Annotated[
        Path | None, typer.Option(help="Folder of the data set (table, algonauts2023, nsd).")
    ] = None,
    responses: Annotated[
        str | None,
        typer.Option(
            help="Responses below --root: .npy, .zarr, .nii, .gii, .dscalar.nii, .mgh. "
            "Several files, separated by commas or matched by wildcards, are joined in "
            "order (table)."
        ),
    ] = None,
    responses_right: Annotated[
        str | None,
        typer.Option(
            help="Responses of the right hemisphere, if --responses are those of the left (table)."
        ),
    ] = None,
    axes: Annotated[
        str | None,
        typer.Option(
            help="Order of the axes in .npy and .zarr arrays: vertex, image and, with "
            "repeats, repeat; e.g. vertex,image (table)."
        ),
    ] = None,
    trials: Annotated[
        str | None,
        typer.Option(
            help="Tables below --root with one row per response; columns image_id or "
            "stim_file, and session (table)."
        ),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            help="Scale responses to standard deviation 1 over the trials of training images "
            "(training) or within each session (session) (table)."
        ),
    ] = "training",
    units: Annotated[
        str | None, typer.Option(help="Unit of the responses, used for labels (table).")
    ] = None,
    n_repeats: Annotated[
        int | None,
        typer.Option(
            help="Number of presentations that each response is a mean of (table).", min=1
        ),
    ] = None,
    mask: Annotated[
        str | None,
        typer.Option(
            help="Mask below --root: a volume, or GIFTI files of left and right; vertices "
            "with a value above 0 are used (table). Region to which vertices are "
            "limited: default nsdgeneral, or all (nsd)."
        ),
    ] = None,
    resample: Annotated[
        str | None,
        typer.Option(
            help="nearest: resample masks and label volumes whose voxel grid differs from "
            "that of the responses. Default: refuse them (table)."
        ),
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option(
            help="What to do with missing responses (NaN, infinite, or constant throughout a "
            "run or session): drop-vertex, drop-trial or keep-constant. Default: refuse "
            "them (table)."
        ),
    ] = None,
    coordinates: Annotated[
        str | None,
        typer.Option(
            help="Table below --root with one row per vertex: x, y, z in mm, or hemisphere "
            "and vertex_index (table)."
        ),
    ] = None,
    mesh: Annotated[
        str | None,
        typer.Option(
            help="Surfaces below --root in mm, left and right, separated by a comma (table)."
        ),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option(
            help="Mesh of the vertices or surfaces: fsaverage5 or fsaverage (table); "
            "fsaverage (default) or func1pt8mm (nsd)."
        ),
    ] = None,
    surface: Annotated[
        str | None,
        typer.Option(
            help="Surfaces below --root, left and right, separated by a comma: they pass "
            "through the volume of the responses, in its mm coordinates, with the "
            "vertices of --space (table) or --surface-space (nsd)."
        ),
    ] = None,
    surface_space: Annotated[
        str | None,
        typer.Option(help="Mesh whose vertices --surface has. Default: fsaverage (nsd)."),
    ] = None,
    rois: Annotated[
        str | None,
        typer.Option(
            help="Regions below --root, separated by commas: tables with one 0/1 column per "
            "region, label volumes, or GIFTI labels of left and right (table); names of "
            "region files (nsd)."
        ),
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(
            help="The subject's folder below --root. Default: the id of the subject "
            "(algonauts2023, nsd)."
        ),
    ] = None,
    scenes_dir: Annotated[
        Path | None, typer.Option(help="Folder written by draw-scenes (simulated).")
    ] = None,
    repeats: Annotated[
        int, typer.Option(help="Number of presentations of each image (simulated).", min=1)
    ] = 3,
    sessions: Annotated[
        str | None,
        typer.Option(
            help="Number of sessions into which the trials are divided, default 6 "
            "(simulated). Sessions to read, counted from 1 with both ends included, e.g. "
            "1-10,12; default all (nsd)."
        ),
    ] = None,
    betas: Annotated[
        str | None,
        typer.Option(help="Version of the responses: the name of the betas folder (nsd)."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(help="Format of the volumes: auto (default), nii.gz or hdf5 (nsd)."),
    ] = None,
) -> None:
    """Convert a subject's responses, split into training, validation and test images."""
    options = {name: value for name, value in locals().items() if value is not None}
    from cortexlens.shapes import TRAIN
    from cortexlens.storage.atomic import scratch_folder
    from cortexlens.storage.datasets import write_dataset
    from cortexlens.storage.provenance import record
    from cortexlens.study.kinds import check_kind
    from cortexlens.study.pictures.image_set import ImageSet
    from cortexlens.study.responses import finish_responses
    from cortexlens.study.split import given_split, parse_parts, split_by_image

    check_kind(kind)
    if kind == "planted":
        raise CortexlensError(
            "--kind is 'planted'; allowed: simulated, table, algonauts2023, nsd. Use `cortexlens "
            "plant-responses` for planted responses."
        )
    pictures = ImageSet.read(images)
    parts = parse_parts(split)
    if pictures.splits is None:
        codes = split_by_image(pictures.sha256, seed, parts)
    else:
        codes = given_split(pictures.splits, pictures.sha256)
    read = {"simulated": _simulated, "table": _table, "algonauts2023": _algonauts2023, "nsd": _nsd}
    with scratch_folder(out) as scratch:
        given, inputs = read[kind](pictures, codes == TRAIN, {**options, "scratch": scratch})
        source = str(next(iter(inputs.values())))
        dataset = finish_responses(given, pictures, codes, source=source)
        settings = {
            name: str(value) if isinstance(value, Path) else value
            for name, value in options.items()
            if name not in ("images", "out", "seed")
        }
        provenance = record(
            "collect_responses", inputs={"images": images, **inputs}, settings=settings, seed=seed
        )
        dataset = dataset.assign_attrs(subject=subject)
        write_dataset(dataset, out, kind="responses", provenance=provenance)


def _simulated(
    pictures: "ImageSet", train: "Bool[np.ndarray, 'image']", options: dict[str, Any]
) -> tuple["xr.Dataset", dict[str, Path]]:
    """Simulate a subject who saw drawn scenes; also return the path of the ground-truth table."""
    import numpy as np

    from cortexlens.progress import track
    from cortexlens.study.kinds import needed
    from cortexlens.study.responses import subject_seed
    from cortexlens.study.simulation.scenes import read_scenes
    from cortexlens.study.simulation.subject import simulate_responses

    scenes_dir = needed("scenes-dir", options.get("scenes_dir"), "simulated")
    sessions = _count(options.get("sessions", "6"))
    truth = read_scenes(scenes_dir).set_index("image_id", drop=False)
    absent = set(pictures.ids) - set(truth.index)
    if absent:
        raise CortexlensError(
            f"{scenes_dir / 'scenes.tsv'}: image {min(absent)!r} of {options['images']} is not "
            "listed. Run `cortexlens collect-images` again."
        )
    pixels = [np.asarray(pictures.open(i)) for i in track(range(len(pictures)), "scenes simulated")]
    given = simulate_responses(
        np.stack(pixels),
        truth.loc[pictures.ids].reset_index(drop=True),
        subject_seed=subject_seed(options["seed"], options["subject"]),
        repeats=options["repeats"],
        sessions=sessions,
    )
    return given, {"scenes": scenes_dir / "scenes.tsv"}


def _count(sessions: str) -> int:
    """Parse the number of sessions of a simulated subject."""
    if not sessions.isdecimal() or int(sessions) < 1:
        raise CortexlensError(
            f"--sessions is {sessions!r}; with --kind simulated it must be a whole number of at "
            "least 1."
        )
    return int(sessions)


def _note(options: dict[str, Any]) -> None:
    """Record size and time of input files before they are read, to detect changes while reading."""
    from cortexlens.storage import input_files
    from cortexlens.study.data_files import response_files

    input_files.note(response_files(options, {key: str(each) for key, each in options.items()}))


def _table(
    pictures: "ImageSet", train: "Bool[np.ndarray, 'image']", options: dict[str, Any]
) -> tuple["xr.Dataset", dict[str, Path]]:
    """Read responses from plain files; also return the paths of all files, responses first."""
    from cortexlens.study.files import TABLE_FILES, find_files, named
    from cortexlens.study.kinds import needed
    from cortexlens.study.table.subject import table_responses
    from cortexlens.study.table.subject_files import TableFiles

    needed("responses", options.get("responses"), "table")
    root = needed("root", options.get("root"), "table")
    _note(options)
    found = {
        name: find_files(root, options[name], aloud=True)
        for name in TABLE_FILES
        if options.get(name)
    }
    given = table_responses(
        TableFiles.of(found),
        pictures,
        train,
        axes=options.get("axes"),
        space=options.get("space"),
        units=options.get("units"),
        n_repeats=options.get("n_repeats"),
        scale=options["scale"],
        resample=options.get("resample"),
        missing=options.get("missing"),
    )
    return given, named(found)


def _algonauts2023(
    pictures: "ImageSet", train: "Bool[np.ndarray, 'image']", options: dict[str, Any]
) -> tuple["xr.Dataset", dict[str, Path]]:
    """Read a subject's folder of the challenge; also return its files, responses first."""
    from cortexlens.study.algonauts2023 import algonauts_files, algonauts_responses
    from cortexlens.study.kinds import needed

    root = needed("root", options.get("root"), "algonauts2023")
    _note(options)
    folder = root / (options.get("folder") or options["subject"])
    return algonauts_responses(folder, len(pictures)), algonauts_files(folder)


def _nsd(
    pictures: "ImageSet", train: "Bool[np.ndarray, 'image']", options: dict[str, Any]
) -> tuple["xr.Dataset", dict[str, Path]]:
    """Read a subject of the NSD; also return the paths of all files, the design first."""
    from cortexlens.study.kinds import needed
    from cortexlens.study.nsd.layout import Layout
    from cortexlens.study.nsd.subject import nsd_responses

    needed("root", options.get("root"), "nsd")
    _note(options)
    layout = Layout.from_options(options)
    given = nsd_responses(layout, pictures.ids, options["scratch"])
    files = layout.files()
    # the hashes in images.tsv already cover the images
    return given, {name: path for name, path in files.items() if name != "images"}
