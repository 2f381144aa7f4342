"""Stage: bring a subject's responses into one form, whatever the kind of study."""

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
    kind: Annotated[str, typer.Option(help="Kind: simulated, table, algonauts2023 or nsd.")],
    images: Annotated[Path, typer.Option(help="The subject's images.tsv.")],
    subject: Annotated[str, typer.Option(help="Identifier of the subject.")],
    out: Annotated[Path, typer.Option(help="Store to write: responses.zarr.")],
    seed: Annotated[int, typer.Option(help="Seed of the split and of simulations.", min=0)] = 0,
    split: Annotated[
        str, typer.Option(help="Shares of training, validation and test images.")
    ] = "8,1,1",
    root: Annotated[
        Path | None, typer.Option(help="Folder of the data set (table, algonauts2023, nsd).")
    ] = None,
    responses: Annotated[
        str | None,
        typer.Option(
            help="Responses below --root: .npy, .zarr, .nii, .gii, .dscalar.nii, .mgh; several "
            "with commas or wildcards follow one another (table)."
        ),
    ] = None,
    responses_right: Annotated[
        str | None,
        typer.Option(help="The right hemisphere's, where --responses are the left's (table)."),
    ] = None,
    axes: Annotated[
        str | None,
        typer.Option(
            help="Order of the axes vertex, image and, with repeats, repeat of .npy and .zarr "
            "arrays, e.g. vertex,image (table)."
        ),
    ] = None,
    trials: Annotated[
        str | None,
        typer.Option(
            help="Tables below --root with a row a response: image_id or stim_file, and session "
            "(table)."
        ),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            help="Standard deviation 1 over the trials of training images, or within each session: "
            "training or session (table)."
        ),
    ] = "training",
    units: Annotated[
        str | None, typer.Option(help="Unit of the responses, for labels (table).")
    ] = None,
    n_repeats: Annotated[
        int | None,
        typer.Option(help="Presentations that each response averages (table).", min=1),
    ] = None,
    mask: Annotated[
        str | None,
        typer.Option(
            help="Volume, or GIFTI files of left and right, below --root: above 0 where vertices "
            "are kept (table); region that limits the vertices, nsdgeneral if left out, or all "
            "(nsd)."
        ),
    ] = None,
    resample: Annotated[
        str | None,
        typer.Option(
            help="nearest: resample masks and label volumes whose voxels are not those of the "
            "responses; if left out, they are refused (table)."
        ),
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option(
            help="Where a response is missing (NaN, infinite, or one value throughout a run or "
            "session): drop-vertex, drop-trial or keep-constant; refused if left out (table)."
        ),
    ] = None,
    coordinates: Annotated[
        str | None,
        typer.Option(
            help="Table below --root with x, y, z in mm, or hemisphere and vertex_index; a row a "
            "vertex (table)."
        ),
    ] = None,
    mesh: Annotated[
        str | None,
        typer.Option(help="Surfaces below --root, mm, left and right with a comma (table)."),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option(
            help="Mesh that vertices, or surfaces, are of: fsaverage5 or fsaverage (table); "
            "fsaverage (if left out) or func1pt8mm (nsd)."
        ),
    ] = None,
    surface: Annotated[
        str | None,
        typer.Option(
            help="Surfaces below --root through the volume of the responses, in its mm and with "
            "the vertices of --space (table) or --surface-space (nsd), left and right with a comma."
        ),
    ] = None,
    surface_space: Annotated[
        str | None,
        typer.Option(help="Mesh whose vertices --surface has; fsaverage if left out (nsd)."),
    ] = None,
    rois: Annotated[
        str | None,
        typer.Option(
            help="Tables with a column of 0 and 1 a region, label volumes, or GIFTI labels of left "
            "and right, below --root (table); names of regions' files (nsd); by commas."
        ),
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(help="The subject's folder below --root; else its name (algonauts2023, nsd)."),
    ] = None,
    scenes_dir: Annotated[
        Path | None, typer.Option(help="Folder that draw-scenes wrote (simulated).")
    ] = None,
    repeats: Annotated[
        int, typer.Option(help="Presentations of each image (simulated).", min=1)
    ] = 3,
    sessions: Annotated[
        str | None,
        typer.Option(
            help="How many sessions the trials are cut into, 6 if left out (simulated); sessions "
            "from 1, ends included, e.g. 1-10,12, else all (nsd)."
        ),
    ] = None,
    betas: Annotated[
        str | None, typer.Option(help="Version of the responses, a folder's name (nsd).")
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="Of volumes: auto (if left out), nii.gz or hdf5 (nsd).")
    ] = None,
) -> None:
    """Write a subject's responses, split into training, validation and test images."""
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
            "--kind is 'planted'; allowed here: simulated, table, algonauts2023, nsd. Planted "
            "responses are made by cortexlens plant-responses."
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
    """Simulate a subject who saw drawn scenes; also name the table of their truth."""
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
            f"{scenes_dir / 'scenes.tsv'}: the image {min(absent)} of {options['images']} is not "
            "there. List the images again."
        )
    pixels = [np.asarray(pictures.open(i)) for i in track(range(len(pictures)), "scenes seen")]
    given = simulate_responses(
        np.stack(pixels),
        truth.loc[pictures.ids].reset_index(drop=True),
        subject_seed=subject_seed(options["seed"], options["subject"]),
        repeats=options["repeats"],
        sessions=sessions,
    )
    return given, {"scenes": scenes_dir / "scenes.tsv"}


def _count(sessions: str) -> int:
    """Read the number of sessions of a simulated subject."""
    if not sessions.isdecimal() or int(sessions) < 1:
        raise CortexlensError(
            f"--sessions is {sessions!r}; for --kind simulated a whole number of at least 1 is "
            "allowed."
        )
    return int(sessions)


def _note(options: dict[str, Any]) -> None:
    """Note what the files look like, before they are read: what changes meanwhile is a change."""
    from cortexlens.storage import input_files
    from cortexlens.study.data_files import response_files

    input_files.note(response_files(options, {key: str(each) for key, each in options.items()}))


def _table(
    pictures: "ImageSet", train: "Bool[np.ndarray, 'image']", options: dict[str, Any]
) -> tuple["xr.Dataset", dict[str, Path]]:
    """Read plain files; also name them, the responses first."""
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
    """Read a subject's folder of the challenge; also name its files, the responses first."""
    from cortexlens.study.algonauts2023 import algonauts_files, algonauts_responses
    from cortexlens.study.kinds import needed

    root = needed("root", options.get("root"), "algonauts2023")
    _note(options)
    folder = root / (options.get("folder") or options["subject"])
    return algonauts_responses(folder, len(pictures)), algonauts_files(folder)


def _nsd(
    pictures: "ImageSet", train: "Bool[np.ndarray, 'image']", options: dict[str, Any]
) -> tuple["xr.Dataset", dict[str, Path]]:
    """Read a subject of the NSD; also name the files, the design first."""
    from cortexlens.study.kinds import needed
    from cortexlens.study.nsd.layout import Layout
    from cortexlens.study.nsd.subject import nsd_responses

    needed("root", options.get("root"), "nsd")
    _note(options)
    layout = Layout.from_options(options)
    given = nsd_responses(layout, pictures.ids, options["scratch"])
    files = layout.files()
    # the pictures themselves are in the hashes of images.tsv
    return given, {name: path for name, path in files.items() if name != "images"}
