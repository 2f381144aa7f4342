"""Jobs of many sizes, their inputs drawn at random: the arguments of a stage, and its workload."""

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr
from PIL import Image

from cortexlens.backbones.measure import measure_network
from cortexlens.backbones.row import BackboneRow
from cortexlens.planning import analysis_workloads, stacked_workloads, workloads
from cortexlens.planning.workloads import FitSettings, SubjectSize, Workload
from cortexlens.storage.datasets import write_dataset
from cortexlens.study.pictures.image_set import ImageSet

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from encoders import image_ids, write_features  # noqa: E402


@dataclass(frozen=True)
class Fit:
    """Sizes of a fit."""

    vertices: int = 6_000
    images: int = 160
    layers: int = 6
    channels: int = 128
    batch: int = 64
    grid: int = 8
    dimensions: int = 128
    epochs: int = 2
    trials_an_image: int = 1


def tokens_of(size: Fit):
    rng = np.random.default_rng(0)
    shape = (size.images, size.grid**2 + 1, size.channels)
    return [rng.standard_normal(shape, dtype=np.float32).astype(np.float16)] * size.layers


def responses_of(size: Fit) -> xr.Dataset:
    rng = np.random.default_rng(1)
    n_trials, part = size.images * size.trials_an_image, size.images // 10
    split = np.repeat([0, 1, 2], [size.images - 2 * part, part, part]).astype(np.int8)
    n, roi = size.vertices, np.array(["V1", "EBA"], dtype=np.dtypes.StringDType())
    places = rng.uniform(-50, 50, (n, 3)).astype(np.float32)
    half = n // 2
    return xr.Dataset(
        {
            "response": (
                ("trial", "vertex"),
                rng.standard_normal((n_trials, n), dtype=np.float32),
            ),
            "trial_image": ("trial", np.arange(n_trials) % size.images),
            "session": ("trial", np.zeros(n_trials, np.int64)),
            "image_id": ("image", np.array(image_ids(size.images), dtype=object)),
            "split": ("image", rng.permutation(split)),
            "ncsnr": ("vertex", np.ones(n, np.float32)),
            "coordinates": (("vertex", "axis"), places),
            "hemisphere": ("vertex", (np.arange(n) >= half).astype(np.int8)),
            "vertex_index": ("vertex", np.concatenate([np.arange(half), np.arange(n - half)])),
            "roi_mask": (("vertex", "roi"), np.arange(n)[:, None] % 2 == np.arange(2)),
        },
        coords={"roi": roi},
        attrs={"space": "fsaverage"},
    )


def subject_of(size: Fit) -> SubjectSize:
    return SubjectSize(size.images, size.images * size.trials_an_image, size.vertices)


def settings_of(size: Fit, **others) -> FitSettings:
    return FitSettings(
        grid=size.grid,
        dimensions=size.dimensions,
        batch_size=size.batch,
        epochs=size.epochs,
        parts=(1 - 2 * (size.images // 10) / size.images,) + (size.images // 10 / size.images,) * 2,
        **others,
    )


def write_inputs(folder: Path, size: Fit) -> list[str]:
    write_features(folder / "features.zarr", tokens_of(size), image_ids(size.images))
    write_dataset(responses_of(size), folder / "responses.zarr", kind="responses", provenance={})
    return [
        *("--features", str(folder / "features.zarr")),
        *("--responses", str(folder / "responses.zarr")),
        *("--backbone", "b", "--subject", "s", "--out", str(folder / "fit.zarr")),
    ]


def fit_job(folder: Path, size: Fit) -> tuple[list[str], Workload]:
    inputs = write_inputs(folder, size)
    options = {
        "model": folder / "model.safetensors",
        "batch-size": size.batch,
        "dimensions": size.dimensions,
        "epochs": size.epochs,
        # Two epochs do not tell how slow a fit at full rate would be to diverge on noise.
        "learning-rate": 1e-4,
    }
    arguments = ["fit-encoder", *inputs, *(f"--{key}={value}" for key, value in options.items())]
    channels = (size.channels,) * size.layers
    return arguments, workloads.encoder(subject_of(size), channels, size.grid, settings_of(size))


def stacked_job(folder: Path, size: Fit) -> tuple[list[str], Workload]:
    inputs = write_inputs(folder, size)
    arguments = ["fit-stacked", *inputs, f"--model={folder / 'model.safetensors'}"]
    channels = (size.channels,) * size.layers
    settings = settings_of(size, components=None)
    return arguments, stacked_workloads.stacked(subject_of(size), channels, size.grid, settings)


def ridge_job(folder: Path, size: Fit) -> tuple[list[str], Workload]:
    arguments = ["fit-ridge", *write_inputs(folder, size), "--components=100", "--penalties=5"]
    settings = settings_of(size, components=100, penalties=5)
    channels = (size.channels,) * size.layers
    return arguments, workloads.ridge(subject_of(size), channels, size.grid, settings)


def write_pictures(folder: Path, n_images: int) -> ImageSet:
    pictures, rng = folder / "pictures", np.random.default_rng(0)
    pictures.mkdir(exist_ok=True)
    for index in range(n_images):
        pixels = rng.integers(0, 256, (96, 96, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(pictures / f"p{index:05d}.png")
    return ImageSet.from_folder(pictures)


def extraction_job(
    folder: Path, n_images: int, source: str, name: str, layers: str = "all"
) -> tuple[list[str], Workload]:
    write_pictures(folder, n_images).write(folder / "images.tsv")
    cells = {"backbone": "b", "source": source, "name": name, "layers": layers}
    network = measure_network(BackboneRow.from_columns(cells))
    arguments = [
        "extract-features",
        *(f"--{key}={value}" for key, value in cells.items()),
        f"--images={folder / 'images.tsv'}",
        f"--out={folder / 'shown.zarr'}",
    ]
    size = SubjectSize(n_images, n_images, 0)
    return arguments, workloads.extraction(size, network, grid=8, batch_size=16)


def listing_job(folder: Path, n_images: int) -> tuple[list[str], Workload]:
    write_pictures(folder, n_images)
    arguments = ["collect-images", "--kind=table", f"--root={folder}", "--images=pictures"]
    size = SubjectSize(n_images, n_images, 0)
    return [*arguments, f"--out={folder / 'images.tsv'}"], workloads.images(size)


def responses_job(folder: Path, n_images: int, n_vertices: int) -> tuple[list[str], Workload]:
    write_pictures(folder, n_images).write(folder / "images.tsv")
    rng = np.random.default_rng(0)
    values = rng.standard_normal((n_images, n_vertices), dtype=np.float32)
    np.save(folder / "responses.npy", values)
    arguments = ["collect-responses", "--kind=table", f"--root={folder}", "--subject=s"]
    arguments += [f"--images={folder / 'images.tsv'}", "--responses=responses.npy"]
    arguments += ["--axes=image,vertex", f"--out={folder / 'collected.zarr'}"]
    return arguments, workloads.responses(SubjectSize(n_images, n_images, n_vertices))


def write_fit(folder: Path, size: Fit, subject: str = "s") -> Path:
    """A fit without fitting: of the shape that summaries and pictures read."""
    rng, n = np.random.default_rng(2), size.vertices
    layer = rng.dirichlet(np.ones(size.layers), n).astype(np.float32)
    given = responses_of(replace(size, images=20))
    kept = ["coordinates", "hemisphere", "vertex_index", "roi_mask"]
    scores = {
        name: ("vertex", rng.uniform(0, 0.5, n).astype(np.float32))
        for name in ("r2_validation", "r2_test", "pearson_test", "noise_ceiling", "confidence")
    }
    fit = given[kept].assign(scores)
    fit = fit.assign(
        layer_selector=(("vertex", "layer"), layer),
        space_selector=(("vertex", "image_axis"), rng.uniform(-1, 1, (n, 2)).astype(np.float32)),
        scale_selector=("vertex", rng.uniform(0, 1, n).astype(np.float32)),
        bias=("vertex", np.zeros(n, np.float32)),
    )
    names = [f"blocks.{index}" for index in range(size.layers)]
    about = {"backbone": "b", "subject": subject, "readout": "factortopy", "layer_names": names}
    path = folder / f"fit-{subject}.zarr"
    write_dataset(fit.assign_attrs(**about, space="fsaverage"), path, kind="fit", provenance={})
    return path


def summary_job(folder: Path, n_fits: int, n_vertices: int) -> tuple[list[str], Workload]:
    fit = str(write_fit(folder, Fit(vertices=n_vertices)))
    arguments = ["summarise-hierarchy", *[fit] * n_fits, f"--out={folder / 'hierarchy.tsv'}"]
    return arguments, analysis_workloads.summary(n_fits, n_fits * n_vertices)


def maps_job(folder: Path, n_vertices: int) -> tuple[list[str], Workload]:
    fit = write_fit(folder, Fit(vertices=n_vertices))
    arguments = ["draw-maps", f"--fit={fit}", f"--out={folder / 'maps'}"]
    return arguments, analysis_workloads.maps(n_vertices, Fit.layers)


def overview_job(folder: Path, n_fits: int, n_vertices: int) -> tuple[list[str], Workload]:
    size = Fit(vertices=n_vertices)
    fits = [str(write_fit(folder, size, f"s{index}")) for index in range(n_fits)]
    arguments = ["draw-overview", *fits, f"--out={folder / 'overview'}"]
    return arguments, analysis_workloads.overview(n_fits, n_fits * n_vertices)


def scenes_job(folder: Path, n_scenes: int) -> tuple[list[str], Workload]:
    arguments = ["draw-scenes", f"--n-scenes={n_scenes}", "--size=96", "--seed=0"]
    return [*arguments, f"--out={folder / 'scenes'}"], workloads.scenes(n_scenes, 96)


def simulation_job(folder: Path, n_scenes: int) -> tuple[list[str], Workload]:
    """Scenes are drawn first, by the calling process, and not measured."""
    from cortexlens.stages.draw_scenes import draw_scenes

    draw_scenes(folder / "scenes", n_scenes, 96, 0)
    ImageSet.from_scenes(folder / "scenes", f"0-{n_scenes - 1}").write(folder / "images.tsv")
    arguments = ["collect-responses", "--kind=simulated", "--subject=s", "--repeats=3"]
    arguments += [f"--images={folder / 'images.tsv'}", f"--scenes-dir={folder / 'scenes'}"]
    size = SubjectSize(n_scenes, 3 * n_scenes, 2_400)
    arguments.append(f"--out={folder / 'simulated.zarr'}")
    return arguments, workloads.responses(size, simulated=True)


def study_of(folder: Path, n_networks: int, n_subjects: int) -> list[str]:
    """A simulated study of many networks and subjects, for a dry run of the workflow."""
    runs = [{"backbones": "all", "subjects": "all"}]
    config = {
        "study": "growth",
        "dataset": {"kind": "simulated", "n_scenes": 100},
        "subjects": str(folder / "subjects.tsv"),
        "backbones": str(folder / "backbones.tsv"),
        "runs": runs,
    }
    networks = [f"n{index}\tzoo\tvit-demo\t{index}\n" for index in range(n_networks)]
    (folder / "backbones.tsv").write_text(
        "backbone\tsource\tname\tseed\n" + "".join(networks), encoding="utf-8"
    )
    subjects = [f"s{index}\t0-99\n" for index in range(n_subjects)]
    (folder / "subjects.tsv").write_text("subject\tscenes\n" + "".join(subjects), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    command = ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder), "--cores", "1"]
    return [*command, "--configfile", str(folder / "config.json"), "--dry-run", "--quiet"]
