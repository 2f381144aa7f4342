"""Stage: bring a subject's responses into one form, whatever the kind of study."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cortexlens.errors import CortexlensError

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from jaxtyping import Bool

    from cortexlens.study.images import ImageSet


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
        str | None, typer.Option(help="Array of responses below --root, .npy (table).")
    ] = None,
    axes: Annotated[
        str, typer.Option(help="Axes of the array: vertex,image or image,vertex (table).")
    ] = "vertex,image",
    units: Annotated[
        str | None, typer.Option(help="Unit of the array, for labels (table).")
    ] = None,
    n_repeats: Annotated[
        int | None,
        typer.Option(help="Presentations that each response averages (table).", min=1),
    ] = None,
    coordinates: Annotated[
        str | None,
        typer.Option(help="Table below --root with columns x, y, z in mm, a row a vertex (table)."),
    ] = None,
    rois: Annotated[
        str | None,
        typer.Option(
            help="Table below --root with a column of 0 and 1 a region (table); names of regions' "
            "files, separated by commas (nsd)."
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
    space: Annotated[
        str | None, typer.Option(help="fsaverage (if left out) or func1pt8mm (nsd).")
    ] = None,
    betas: Annotated[
        str | None, typer.Option(help="Version of the responses, a folder's name (nsd).")
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="Of volumes: auto (if left out), nii.gz or hdf5 (nsd).")
    ] = None,
    mask: Annotated[
        str | None,
        typer.Option(help="Region that limits the vertices, nsdgeneral if left out; or all (nsd)."),
    ] = None,
) -> None:
    """Write a subject's responses, split into training, validation and test images."""
    options = {name: value for name, value in locals().items() if value is not None}
    from cortexlens.provenance import record
    from cortexlens.shapes import TRAIN
    from cortexlens.stores import write_dataset
    from cortexlens.study.images import ImageSet
    from cortexlens.study.kinds import check_kind
    from cortexlens.study.responses import finish_responses
    from cortexlens.study.split import parse_parts, split_by_image

    check_kind(kind)
    if kind == "planted":
        raise CortexlensError(
            "--kind is 'planted'; allowed here: simulated, table, algonauts2023, nsd. Planted "
            "responses are made by cortexlens plant-responses."
        )
    pictures = ImageSet.read(images)
    codes = split_by_image(pictures.sha256, seed, parse_parts(split))
    read = {"simulated": _simulated, "table": _table, "algonauts2023": _algonauts2023, "nsd": _nsd}
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{out.stem}.", dir=out.parent) as scratch:
        given, inputs = read[kind](pictures, codes == TRAIN, {**options, "scratch": Path(scratch)})
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
    from cortexlens.study.scenes import read_scenes
    from cortexlens.study.simulated import simulate_responses

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


def _table(
    pictures: "ImageSet", train: "Bool[np.ndarray, 'image']", options: dict[str, Any]
) -> tuple["xr.Dataset", dict[str, Path]]:
    """Read plain files; also name them, the responses first."""
    from cortexlens.study.kinds import needed
    from cortexlens.study.table import table_responses

    needed("responses", options.get("responses"), "table")
    root = needed("root", options.get("root"), "table")
    files = {
        name: root / options[name]
        for name in ("responses", "coordinates", "rois")
        if options.get(name)
    }
    given = table_responses(
        files["responses"],
        options["axes"],
        train,
        coordinates=files.get("coordinates"),
        rois=files.get("rois"),
        units=options.get("units"),
        n_repeats=options.get("n_repeats"),
    )
    return given, files


def _algonauts2023(
    pictures: "ImageSet", train: "Bool[np.ndarray, 'image']", options: dict[str, Any]
) -> tuple["xr.Dataset", dict[str, Path]]:
    """Read a subject's folder of the challenge; also name its files, the responses first."""
    from cortexlens.study.algonauts2023 import algonauts_files, algonauts_responses
    from cortexlens.study.kinds import needed

    root = needed("root", options.get("root"), "algonauts2023")
    folder = root / (options.get("folder") or options["subject"])
    return algonauts_responses(folder, len(pictures)), algonauts_files(folder)


def _nsd(
    pictures: "ImageSet", train: "Bool[np.ndarray, 'image']", options: dict[str, Any]
) -> tuple["xr.Dataset", dict[str, Path]]:
    """Read a subject of the NSD; also name the files, the design first."""
    from cortexlens.study.kinds import needed
    from cortexlens.study.nsd import nsd_responses
    from cortexlens.study.nsd_layout import Layout

    needed("root", options.get("root"), "nsd")
    layout = Layout.from_options(options)
    given = nsd_responses(layout, pictures.ids, options["scratch"])
    files = layout.files()
    # the pictures themselves are in the hashes of images.tsv
    return given, {name: path for name, path in files.items() if name != "images"}
