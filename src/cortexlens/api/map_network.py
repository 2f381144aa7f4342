"""Map your own network onto a study's cortex, from a script or a notebook."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
import xarray as xr
from matplotlib.figure import Figure
from torch import nn

from cortexlens.backbones.network import Backbone
from cortexlens.backbones.prepared import copied
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.sources import Built
from cortexlens.backbones.user_code import network_code_hash
from cortexlens.cli import app
from cortexlens.compute.devices import choose_device
from cortexlens.config.readouts import SECTIONS, fit_settings
from cortexlens.config.study import Study, load_study
from cortexlens.errors import CortexlensError
from cortexlens.features.extract import extract_to_store, shaping_key
from cortexlens.features.store import open_features
from cortexlens.figures.maps.cortex import map_figures
from cortexlens.figures.maps.distributions import distribution_figures
from cortexlens.figures.maps.fits import read_fit
from cortexlens.storage.datasets import open_dataset
from cortexlens.storage.provenance import record
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.workflow.params import stage_options, subject_settings


class NetworkMap(NamedTuple):
    """Result of :func:`map_network`.

    Attributes
    ----------
    fit
        Dataset of kind ``fit``: selectors, scores and cortical coordinates of every vertex, with
        the provenance in its attributes.
    figures
        Figures named ``layer``, ``space``, ``scale`` and ``r2``, and ``size`` for stacked fits.
    """

    fit: xr.Dataset
    figures: dict[str, Figure]


def map_network(
    network: nn.Module,
    study: str | Path,
    subject: str | None = None,
    *,
    name: str = "my-network",
    layers: str = "all",
    input_size: int,
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
    global_token: str | None = None,
    results: str | Path = "results",
    **preprocessing: Any,
) -> NetworkMap:
    """Map a network onto a subject's cortex: extract features, fit the readout, draw the maps.

    Parameters
    ----------
    network
        Module that takes images of shape (image, 3, height, width). It is copied, not modified.
    study
        Config file of a study, e.g. ``config/config.yaml``. Its grid, split and seed are used, and
        its main readout with the options of its config section: ``stacked`` if ``runs`` lists it,
        otherwise ``factortopy``.
    subject
        Identifier of a row in the study's table of subjects; None takes the first row.
    name
        Identifier of the network, under which its features and fit are stored.
    layers
        Comma-separated module names, in which ``*`` matches anything but a dot. For networks with
        timm's ``forward_intermediates``, block numbers or ``all``.
    input_size
        Side, in pixels, of the square that every image is resized to.
    mean, std
        Mean and standard deviation of the three colour channels, in units of the pixel values.
    global_token
        ``class`` or ``mean``; None takes the class token if the network has one, otherwise the
        mean.
    results
        Folder of all results. Existing images and responses made by the workflow are used; missing
        ones are made. Features are recomputed only if the network has changed: its weights, its
        code and what that imports, or its layers' activations for fixed inputs.
    preprocessing
        ``fit``, ``channel_order``, ``pixel_range``, ``interpolation`` and ``prefix_tokens``, as in
        ``backbones.tsv``; ``fit`` defaults to the study's ``features.fit``.

    Returns
    -------
    NetworkMap

    Raises
    ------
    CortexlensError
        If the study, the subject or the layers cannot be used.
    """
    plan = load_study(Path(study))
    subject = next(iter(plan.subjects)) if subject is None else subject
    if subject not in plan.subjects:
        raise CortexlensError(
            f"subject {subject!r} is not in {plan.config['subjects']}; allowed are "
            f"{', '.join(plan.subjects)}."
        )
    folder = Path(results) / plan.name
    responses = _prepare(plan, subject, folder)
    if "fit" in plan.config["features"]:
        preprocessing = {"fit": plan.config["features"]["fit"], **preprocessing}
    row = BackboneRow(
        name,
        "python",
        f"{type(network).__module__}:{type(network).__name__}",
        layers=layers,
        input_size=input_size,
        mean=mean,
        std=std,
        global_token=global_token,
        **preprocessing,
    )
    built = Built(copied(network, name), None, network_code_hash(network))
    images = folder / "subjects" / subject / "images.tsv"
    features = folder / "features" / name / f"{subject}.zarr"
    device = str(choose_device(plan.config["device"]))
    _extract(plan, Backbone(row, built, device), images, features)
    readout = plan.main_readout
    fitted = folder / "fits" / readout / name / subject
    shared = {key: plan.config[key] for key in ("seed", "device")}
    files = {"features": features, "responses": responses, "out": fitted / "fit.zarr"}
    whose = {"backbone": name, "subject": subject, "readout": readout}
    here = {"model": fitted / "model.safetensors", "threads": torch.get_num_threads()}
    stage = f"fit_{SECTIONS[readout]}"
    _run(stage, fit_settings(plan.config, readout), shared, files, whose, here)
    fit = open_dataset(fitted / "fit.zarr", kind="fit").load()
    drawn = read_fit(fit, str(fitted))
    draw = distribution_figures if drawn.cortex is None else map_figures
    return NetworkMap(fit, draw(drawn))


def _prepare(plan: Study, subject: str, folder: Path) -> Path:
    """Make a subject's images and responses unless they exist; return the responses' path."""
    if plan.kind == "planted":
        raise CortexlensError(
            f"study {plan.name!r} is of kind planted; only the workflow can make its responses. "
            "Run `make planted` first, or choose another study."
        )
    home = folder / "subjects" / subject
    images, responses = home / "images.tsv", home / "responses.zarr"
    settings = subject_settings(plan, subject, folder)
    without_images = [{k: v for k, v in each.items() if k != "images"} for each in settings]
    if "n_scenes" in plan.config["dataset"] and not (folder / "scenes").exists():
        _run("draw_scenes", *settings, {"out": folder / "scenes"})
    if not images.exists():
        _run("collect_images", *settings, {"out": images})
    if not responses.exists():
        _run("collect_responses", *without_images, {"images": images, "out": responses})
    return responses


def _run(stage: str, *settings: dict[str, Any]) -> None:
    """Run a stage with its options, as the workflow does."""
    app([stage.replace("_", "-"), *stage_options(stage, *settings)], standalone_mode=False)


def _extract(plan: Study, backbone: Backbone, images: Path, path: Path) -> None:
    """Extract a network's features unless a store made by the same network and code exists."""
    pictures, settings = ImageSet.read(images), dict(plan.config["features"])
    del settings["decoded_gb"]  # decoded images are cached for several networks; here is only one
    settings.pop("fit", None)  # already a column of the network's row
    shaping = (backbone.description, pictures.sha256, settings["grid"], settings["resize"])
    wanted = settings["precision"]
    formats = ("float32", "bfloat16") if wanted == "auto" else (wanted,)
    keys = [shaping_key(*shaping, precision) for precision in formats]
    made = record("extract_features", inputs={"images": images}, settings=settings)
    if path.exists():
        existing = open_features(path).attributes
        if existing["key"] in keys and existing["provenance"]["code"] == made["code"]:
            return
    extract_to_store(backbone, pictures, path, provenance=made, **settings)
