"""Made-up stores of sparse autoencoders, of their units and of dictionaries, for what reads them.

Every region of :func:`fits.synthetic_fit` has a layer and a unit of its own, and every unit a
category: vertices respond as their unit does, plus noise. What stores say of likeness is measured
on what they hold.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr

from cortexlens.encoding.results import COPIED
from cortexlens.sae.model import About, Sae, save_sae
from cortexlens.shapes import TEST, TRAIN, VALIDATION
from cortexlens.storage.datasets import write_dataset
from fits import synthetic_fit

LAYERS = ("blocks.0", "blocks.2", "blocks.5")
CATEGORIES = ("face", "house", "word", "thing")
METRICS = ("cosine", "pearson")
N_UNITS, N_CHANNELS, KEPT, SHUFFLES = 16, 4, 3, 2
BACKBONE = "vit-demo"


class MadeUp(NamedTuple):
    """A subject whose vertices respond as units do.

    Attributes
    ----------
    responses
        Of kind ``responses``, a trial an image.
    label
        Category of each image.
    activation
        Layer → what its units do, seed 0.
    layer, unit
        Of each vertex: that which it responds as; -1 outside of regions.
    """

    responses: xr.Dataset
    label: np.ndarray
    activation: dict[str, np.ndarray]
    layer: np.ndarray
    unit: np.ndarray


def made_up(
    n_images=200, n_vertices=300, *, space="fsaverage5", subject="sim01", noise=0.5, seed=0
) -> MadeUp:
    """Responses and units of one subject.

    Parameters
    ----------
    n_images
        Of which three fifths are for training, a tenth for validation.
    n_vertices, space, subject
        As of :func:`fits.synthetic_fit`.
    noise
        Of the responses, standard deviations of the units.
    seed
        Of all of it; units are those of the same images for any subject with the same seed.
    """
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.arange(n_images) % len(CATEGORIES))
    preferred = label[:, None] == np.arange(N_UNITS) % len(CATEGORIES)
    activation = {
        layer: np.maximum(1.5 * preferred + rng.standard_normal((n_images, N_UNITS)) - 0.3, 0)
        for layer in LAYERS
    }
    fit = synthetic_fit(space, n_vertices, len(LAYERS), subject=subject, backbone=BACKBONE)
    mask = fit["roi_mask"].values
    region = np.where(mask.any(axis=1), mask.argmax(axis=1), -1)
    layer, unit = np.where(region >= 0, (region % len(LAYERS), region), -1)
    driven = np.stack(
        [activation[LAYERS[one]][:, which] for one, which in zip(layer, unit, strict=True)], axis=1
    )
    # vertices outside of regions respond to nothing
    driven = np.where(region >= 0, driven / driven.std(axis=0), 0)
    own = np.random.default_rng([seed, *subject.encode()])
    response = driven + noise * own.standard_normal(driven.shape)
    part = np.arange(n_images) * 10 // n_images
    split = np.where(part < 6, TRAIN, np.where(part < 7, VALIDATION, TEST))
    responses = _places(fit).assign(
        response=(("trial", "vertex"), response.astype(np.float32)),
        trial_image=("trial", np.arange(n_images)),
        session=("trial", np.zeros(n_images, np.int64)),
        image_id=("image", np.array([f"scene-{i:05d}" for i in range(n_images)], object)),
        split=("image", split.astype(np.int8)),
        ncsnr=("vertex", np.full(len(unit), 1 / max(noise, 1e-3), np.float32)),
    )
    responses.attrs["subject"] = subject
    return MadeUp(responses, np.array(CATEGORIES)[label], activation, layer, unit)


def _places(dataset):
    """Where vertices lie, and in which regions."""
    places = dataset[[name for name in COPIED if name in dataset.variables]]
    places.attrs = {key: dataset.attrs[key] for key in ("space",) if key in dataset.attrs}
    return places


def likeness(one, other):
    """Cosine and Pearson correlation of columns: (metric, column, other column)."""
    found = []
    for middle in (0, 1):
        left, right = (each - middle * each.mean(axis=0) for each in (one, other))
        norm = np.outer(np.linalg.norm(left, axis=0), np.linalg.norm(right, axis=0))
        found.append(left.T @ right / np.maximum(norm, 1e-12))
    return np.stack(found)


def units_of(made: MadeUp, layer: str, sae_seed: int = 0) -> xr.Dataset:
    """Units of a layer and what they have in common with vertices, of kind ``units``.

    Seeds have the same units in another order.
    """
    order = np.random.default_rng(sae_seed).permutation(N_UNITS) if sae_seed else np.arange(N_UNITS)
    activation = made.activation[layer][:, order]
    responses, split = made.responses["response"].values, made.responses["split"].values
    trained, held = (
        likeness(responses[split == part], activation[split == part]) for part in (TRAIN, TEST)
    )
    best = np.argsort(-trained, axis=2, kind="stable")[:, :, :KEPT]
    of_unit = np.argsort(-trained, axis=1, kind="stable")[:, :KEPT].swapaxes(1, 2)
    null = np.random.default_rng([1, sae_seed]).uniform(0, 0.3, (2, SHUFFLES, len(made.unit)))
    to_vertex, to_unit = (("metric", of, "kept") for of in ("vertex", "unit"))
    shuffled = ("metric", "shuffle", "vertex")
    return (
        _places(made.responses)
        .assign(
            activation=(("image", "unit"), activation.astype(np.float16)),
            split=made.responses["split"],
            image_id=made.responses["image_id"],
            ncsnr=made.responses["ncsnr"],
            vertex_unit=(to_vertex, best.astype(np.int32)),
            vertex_similarity=(to_vertex, _taken(trained, best)),
            vertex_held_out=(to_vertex, _taken(held, best)),
            unit_vertex=(to_unit, of_unit.astype(np.int32)),
            unit_similarity=(to_unit, _taken(trained.swapaxes(1, 2), of_unit)),
            null_maximum=(shuffled, null.astype(np.float32)),
            null_held_out=(shuffled, (null - 0.2).astype(np.float32)),
            frequency=("unit", (activation[split == TRAIN] > 0).mean(axis=0).astype(np.float32)),
        )
        .assign_coords(metric=list(METRICS))
        .assign_attrs(
            backbone=BACKBONE,
            layer=layer,
            subject=made.responses.attrs["subject"],
            sae_seed=sae_seed,
            tokens="local",
            pooling="max",
        )
    )


def _taken(values, chosen):
    return np.take_along_axis(values, chosen, axis=2).astype(np.float32)


def dictionary_of(made: MadeUp, metric: str = "pearson") -> xr.Dataset:
    """The units of all layers that vertices are most alike, of kind ``dictionary``."""
    units = [units_of(made, layer) for layer in LAYERS]
    unit, trained, held = (
        np.stack([each[name].values[:, :, 0] for each in units], axis=2)
        for name in ("vertex_unit", "vertex_similarity", "vertex_held_out")
    )
    layer = trained.argmax(axis=2)
    best_unit, similarity, held_out = (
        np.take_along_axis(each, layer[:, :, None], 2)[:, :, 0] for each in (unit, trained, held)
    )
    null = np.max([each["null_maximum"].values for each in units], axis=0)
    p = (1 + (null >= similarity[:, None]).sum(axis=1)) / (1 + SHUFFLES)
    chosen = layer[METRICS.index(metric)]
    n = len(chosen)
    over, shuffled = ("metric", "vertex"), ("metric", "shuffle", "vertex")
    one_hot = np.arange(len(LAYERS)) == chosen[:, None]
    return (
        _places(made.responses)
        .assign(
            layer_unit=((*over, "layer"), unit),
            layer_similarity=((*over, "layer"), trained),
            layer_held_out=((*over, "layer"), held),
            best_layer=(over, layer.astype(np.int32)),
            best_unit=(over, best_unit),
            similarity=(over, similarity),
            held_out=(over, held_out),
            p=(over, p.astype(np.float32)),
            q=(over, p.astype(np.float32)),
            null_maximum=(shuffled, null),
            null_held_out=(shuffled, null - np.float32(0.2)),
            assigned_layer=(over, layer.astype(np.int32)),
            assigned_unit=(over, best_unit),
            assigned_held_out=(over, held_out),
            layer_selector=(("vertex", "layer"), one_hot.astype(np.float32)),
            seed_layer_agreement=("vertex", np.ones(n, np.float32)),
            seed_correlation=(("vertex", "pair"), np.full((n, 1), 0.8, np.float32)),
            noise_ceiling=("vertex", np.full(n, 0.5, np.float32)),
        )
        .assign_coords(metric=list(METRICS))
        .assign_attrs(
            backbone=BACKBONE,
            subject=made.responses.attrs["subject"],
            readout="sae",
            layer_names=list(LAYERS),
            layer_axis="layer",
            metric=metric,
        )
    )


def write_sae(folder: Path, layer: str, sae_seed: int = 0) -> Path:
    """An autoencoder as the stage ``train_sae`` writes it; returns its sae.safetensors."""
    sae = Sae(About("topk", 4, "local", BACKBONE, layer), N_CHANNELS, N_UNITS)
    weight = torch.randn((N_UNITS, N_CHANNELS), generator=torch.Generator().manual_seed(sae_seed))
    with torch.no_grad():
        sae.decoder.weight.copy_(torch.nn.functional.normalize(weight, dim=1))
        sae.encoder.weight.copy_(sae.decoder.weight)
        sae.encoder.bias.zero_()
    path = folder / "saes" / BACKBONE / layer / f"seed-{sae_seed}" / "sae.safetensors"
    save_sae(sae, path)
    path.with_suffix(".json").write_text(json.dumps(vars(sae.about)), encoding="utf-8")
    return path


def write_study(folder: Path, made: MadeUp, *, seeds: int = 1) -> Path:
    """Write a subject's responses, its labels, units of all layers and the dictionary.

    Returns
    -------
    Path
        Of the dictionary; the others lie where the workflow has them below ``folder``.
    """
    subject = made.responses.attrs["subject"]
    own = folder / "subjects" / subject
    write_dataset(made.responses, own / "responses.zarr", kind="responses", provenance={})
    rows = [
        f"{name}\t{name}.png\t{'0' * 64}\t{label}"
        for name, label in zip(made.responses["image_id"].values, made.label, strict=True)
    ]
    table = "\n".join(["image_id\tsource\tsha256\tlabel", *rows]) + "\n"
    (own / "images.tsv").write_text(table, encoding="utf-8")
    for sae_seed in range(seeds):
        for layer in LAYERS:
            path = folder / "units" / BACKBONE / layer / f"seed-{sae_seed}" / f"{subject}.zarr"
            write_dataset(units_of(made, layer, sae_seed), path, kind="units", provenance={})
    path = folder / "dictionaries" / BACKBONE / f"{subject}.zarr"
    write_dataset(dictionary_of(made), path, kind="dictionary", provenance={})
    return path
