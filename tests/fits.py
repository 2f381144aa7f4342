"""Made-up fits for tests of what reads fits."""

import numpy as np
import xarray as xr
from scipy.spatial import cKDTree

from cortexlens.analysis.scores.held_out import image_terms, pearson, read_held_out
from cortexlens.cortex.meshes import (
    N_VERTICES,
    encoder_coordinates,
    fsaverage5_surface,
    sphere_coordinates,
)


def _pole(side: int) -> np.ndarray:
    """Direction, on the sphere, of the vertex that lies farthest back on the folded cortex."""
    pial, _ = fsaverage5_surface("pial", side)
    return sphere_coordinates("fsaverage5", side)[pial[:, 1].argmin()] / 100


def _nearest_to_pole(space: str, n_vertices: int) -> tuple[np.ndarray, np.ndarray]:
    """Hemisphere and index of the vertices nearest to the occipital pole, half on each side."""
    hemisphere, index = [], []
    for side, count in enumerate((n_vertices - n_vertices // 2, n_vertices // 2)):
        nearest = np.argsort(-(sphere_coordinates(space, side) @ _pole(side)), kind="stable")[
            :count
        ]
        hemisphere.append(np.full(count, side, np.int8))
        index.append(np.sort(nearest))
    return np.concatenate(hemisphere), np.concatenate(index)


def _selectors(far, angle, hemisphere, n_layers, rng):
    """Layer, space and scale selectors that change smoothly away from the pole (far: 0 to 1)."""
    centre = far * (n_layers - 1)
    width = 0.25 + 1.2 * (0.5 + 0.5 * np.sin(3 * angle)) * n_layers / 8
    layer = np.exp(-0.5 * ((np.arange(n_layers) - centre[:, None]) / width[:, None]) ** 2)
    layer = (layer + 1e-6) / (layer + 1e-6).sum(axis=1, keepdims=True)
    # The left hemisphere sees the right half of the image.
    x = np.where(hemisphere == 0, 1, -1) * (0.1 + 0.7 * far) * np.abs(np.cos(angle))
    y = (0.1 + 0.7 * far) * np.sin(angle)
    place = np.stack([x, y], axis=1) + 0.04 * rng.standard_normal((len(far), 2))
    scale = np.clip(0.05 + 0.9 * far**2 + 0.03 * rng.standard_normal(len(far)), 0, 1)
    return layer, np.clip(place, -1, 1), scale


def synthetic_fit(
    space: str | None = "fsaverage5",
    n_vertices: int = 2500,
    n_layers: int = 8,
    *,
    rois: bool = True,
    backbone: str = "vit-demo",
    subject: str = "sim01",
    seed: int = 0,
) -> xr.Dataset:
    """FactorTopy fit with smooth selectors around the occipital pole.

    Parameters
    ----------
    space
        ``fsaverage5``, ``fsaverage``, or None for a study without a cortex (neurons).
    n_vertices
        Over both hemispheres.
    n_layers
        Of the network.
    rois
        Whether there are regions: rings round the pole.
    backbone, subject
        Attributes.
    seed
        Of the noise in it.
    """
    rng = np.random.default_rng(seed)
    hemisphere, index, far, angle = _places(space, n_vertices, rng)
    layer, place, scale = _selectors(far, angle, hemisphere, n_layers, rng)
    entropy = -(layer * np.log(layer)).sum(axis=1)
    confidence = 1 - entropy / np.log(n_layers) if n_layers > 1 else np.full(n_vertices, np.nan)
    ceiling = 0.65 * (1 - far**3) * rng.uniform(0.6, 1, n_vertices)
    r2 = ceiling * (0.8 - 0.5 * far) - 0.02 * np.abs(rng.standard_normal(n_vertices))
    names = ["V1", "V2", "V3", "hV4", "PPA"] if rois else []
    ring = np.minimum((far**1.3 * 6).astype(int), 5)
    per_vertex = {
        "scale_selector": scale,
        "bias": np.zeros(n_vertices),
        "confidence": confidence,
        "r2_validation": r2,
        "r2_test": r2,
        "pearson_test": np.sqrt(np.clip(r2, 0, 1)),
        "noise_ceiling": ceiling,
    }
    fit = xr.Dataset(
        {
            "layer_selector": (("vertex", "layer"), layer.astype(np.float32)),
            "space_selector": (("vertex", "image_axis"), place.astype(np.float32)),
            "channel_selector": (("vertex", "channel"), rng.random((n_vertices, 4), np.float32)),
            "roi_mask": (("vertex", "roi"), ring[:, None] == np.arange(len(names))[None]),
            **{name: ("vertex", values.astype(np.float32)) for name, values in per_vertex.items()},
        },
        coords={"roi": np.array(names, dtype=np.dtypes.StringDType())},
        attrs={
            "backbone": backbone,
            "subject": subject,
            "readout": "factortopy",
            "layer_names": [f"blocks.{number}" for number in range(n_layers)],
            "content_hash": "0" * 64,
        },
    )
    return fit if space is None else _on_cortex(fit, space, hemisphere, index)


def _places(space, n_vertices, rng):
    """Hemisphere and index of each vertex, and how far and in which direction from the pole."""
    if space is None:
        nowhere = np.zeros(n_vertices, np.int8)
        return nowhere, None, rng.random(n_vertices), rng.uniform(-1.5, 1.5, n_vertices)
    hemisphere, index = _nearest_to_pole(space, n_vertices)
    sphere = np.stack([sphere_coordinates(space, side) for side in (0, 1)])[hemisphere, index]
    poles = np.stack([_pole(0), _pole(1)])[hemisphere]
    far = np.arccos(np.clip((sphere * poles).sum(axis=1) / 100, -1, 1))
    across = sphere - 100 * poles
    return hemisphere, index, far / far.max(), np.arctan2(-across[:, 2], np.abs(across[:, 0]))


def _on_cortex(fit, space, hemisphere, index):
    coordinates = encoder_coordinates(space, hemisphere, index)
    return fit.assign(
        hemisphere=("vertex", hemisphere),
        vertex_index=("vertex", index),
        coordinates=(("vertex", "axis"), coordinates),
    ).assign_attrs(space=space)


def volume_fit(
    n_vertices: int = 2500,
    size: float = 3.0,
    *,
    surface: bool = False,
    **settings,
) -> xr.Dataset:
    """FactorTopy fit of the voxels of a cortical ribbon round the occipital poles.

    Parameters
    ----------
    n_vertices
        Of fsaverage5 whose cortex the voxels fill.
    size
        Of a voxel, mm.
    surface
        Lay the pial surface of fsaverage5 through the volume.
    settings
        Of :func:`synthetic_fit`.
    """
    fit = synthetic_fit("fsaverage5", n_vertices, **settings)
    points, row = _ribbon(fit)
    start = points.min(axis=0) - 3 * size
    voxel = np.rint((points - start) / size).astype(np.int64)
    voxel, first = np.unique(voxel, axis=0, return_index=True)
    affine = np.diag([size, size, size, 1])
    affine[:3, 3] = start
    attributes = {**fit.attrs, "space": "func3mm", "volume_affine": affine.tolist()}
    attributes["volume_shape"] = (voxel.max(axis=0) + 4).tolist()
    fit = fit.drop_vars(["vertex_index", "coordinates"]).isel(vertex=row[first])
    fit = fit.assign(voxel=(("vertex", "axis"), voxel)).assign_attrs(attributes)
    return _with_surface(fit, voxel, affine) if surface else fit


def _ribbon(fit):
    """Points between the white and the pial surface, and the row of the fit that each is of."""
    points, rows = [], []
    row_of = np.full((2, N_VERTICES["fsaverage5"]), -1)
    row_of[fit["hemisphere"].values, fit["vertex_index"].values] = np.arange(fit.sizes["vertex"])
    for side in (0, 1):
        pial, faces = fsaverage5_surface("pial", side)
        white, _ = fsaverage5_surface("white", side)
        faces = faces[(row_of[side][faces] >= 0).all(axis=1)]
        for corner in np.random.default_rng(side).dirichlet([1, 1, 1], 12):
            for depth in (0.1, 0.5, 0.9):
                sheet = depth * pial + (1 - depth) * white
                points.append(np.einsum("c,fca->fa", corner, sheet[faces]))
                rows.append(row_of[side][faces[:, int(corner.argmax())]])
    return np.concatenate(points), np.concatenate(rows)


def _with_surface(fit, voxel, affine):
    tree = cKDTree(voxel @ affine[:3, :3].T + affine[:3, 3])
    reach = 2 * abs(affine[:3, :3]).max()
    near = [tree.query(fsaverage5_surface("pial", side)[0]) for side in (0, 1)]
    shown = [np.flatnonzero(distance < reach) for distance, _ in near]
    return fit.assign(
        surface_hemisphere=("surface", np.repeat([0, 1], [len(part) for part in shown])),
        surface_vertex=("surface", np.concatenate(shown)),
        surface_voxel=(
            "surface",
            np.concatenate([row[part] for (_, row), part in zip(near, shown, strict=True)]),
        ),
    ).assign_attrs(surface_space="fsaverage5")


def scored_fit(
    n_images: int = 40, *, repeats: bool = False, weak: float = 1.0, images: int = 0, **settings
) -> xr.Dataset:
    """Fit as of :func:`synthetic_fit` with test images, from which its scores are made.

    Parameters
    ----------
    n_images
        Test images.
    repeats
        Score single trials, one to three of each image.
    weak
        How much the predictions' noise is worth; more is a worse network.
    images
        Seed of what was observed, the same for networks of one subject.
    settings
        Of :func:`synthetic_fit`.
    """
    fit = synthetic_fit(**settings)
    shape = (n_images, fit.sizes["vertex"])
    rng = np.random.default_rng(images)
    observed = rng.standard_normal(shape).astype(np.float32)
    counts = rng.integers(1, 4, n_images) if repeats else np.ones(n_images, np.int64)
    scatter = (rng.chisquare(3, shape) * (counts[:, None] - 1)).astype(np.float32)
    noise = np.random.default_rng(settings.get("seed", 0)).standard_normal(shape)
    predicted = (0.5 * observed + 0.4 * weak * noise).astype(np.float32)
    place = ("test_image", "vertex")
    fit = fit.assign(
        prediction_test=(place, predicted),
        observed_test=(place, observed),
        repeats_test=("test_image", counts),
    ).assign_coords(test_image=np.arange(n_images) * 7)
    if repeats:
        fit = fit.assign(scatter_test=(place, scatter))
    held = read_held_out(fit, "made up")
    r2, r = image_terms(held).r2, pearson(held)
    return fit.assign(
        r2_test=("vertex", r2.astype(np.float32)),
        pearson_test=("vertex", r.astype(np.float32)),
    )


def variant_fit(
    readout: str, n_vertices: int = 60, *, n_members: int = 1, seed: int = 0, **settings
):
    """FactorTopy fit without a cortex as the stage writes one, with members and settings.

    Parameters
    ----------
    readout
        Attribute.
    n_vertices
        Of two regions.
    n_members
        Whose selectors lie around those of the fit.
    seed
        Of the noise in scores and members.
    settings
        Recorded in its provenance, beside those that all fits have.
    """
    fit = scored_fit(space=None, n_vertices=n_vertices, n_layers=4, seed=seed)
    rng = np.random.default_rng(seed)
    layers = rng.dirichlet(np.ones(4), (n_members, n_vertices)).astype(np.float32)
    spaces = rng.uniform(-1, 1, (n_members, n_vertices, 2)).astype(np.float32)
    scales = rng.random((n_members, n_vertices), np.float32)
    defaults = {"training_images": None, "half": None, "epochs": 20, "patience": 8, "threads": 1}
    recorded = {"settings": {**defaults, **settings}}
    return fit.assign(
        layer_selector=(("vertex", "layer"), layers.mean(axis=0)),
        space_selector=(("vertex", "image_axis"), spaces.mean(axis=0)),
        scale_selector=("vertex", scales.mean(axis=0)),
        member_layer_selector=(("member", "vertex", "layer"), layers),
        member_space_selector=(("member", "vertex", "image_axis"), spaces),
        member_scale_selector=(("member", "vertex"), scales),
    ).assign_attrs(
        readout=readout,
        provenance=recorded,
        fit_seconds=1.5,
        training_images=settings.get("training_images") or (100 if "half" in settings else 200),
    )


def stacked_fit(
    n_images: int = 40, *, draws: int = 60, resamples: int = 0, spread: float = 0.05, **settings
) -> xr.Dataset:
    """Stacked fit: as :func:`scored_fit`, with what stacking finds and how sure it is of it.

    Parameters
    ----------
    n_images
        Test images.
    draws
        Resamples of blocks of training images.
    resamples
        Seed of what every vertex's level has in common in a resample: the same for fits to one
        subject.
    spread
        Standard deviation of levels over resamples: of that common part, and as much again of
        each vertex's own.
    settings
        Of :func:`scored_fit`.
    """
    fit = scored_fit(n_images, **settings).drop_vars(["channel_selector", "bias"])
    n_vertices, n_layers = fit["layer_selector"].shape
    rng = np.random.default_rng([settings.get("seed", 0), 5])
    layer = fit["layer_selector"].values.astype(np.float64)
    sharp = layer**3
    probability = sharp / sharp.sum(axis=1, keepdims=True)
    level = layer @ np.linspace(0, 1, n_layers)
    shared = spread * np.random.default_rng(resamples).standard_normal((draws, 1))
    drawn = level + shared + spread * rng.standard_normal((draws, n_vertices))
    low, high = np.clip(np.quantile(drawn, [0.05, 0.95], axis=0), 0, 1)
    best = layer.argmax(axis=1)
    size = 0.05 + 0.2 * level
    place = fit["space_selector"].values
    per_vertex = {
        "receptive_field_size": size,
        "size_low": 0.8 * size,
        "size_high": 1.2 * size,
        "expected_level": level,
        "expected_level_low": low,
        "expected_level_high": high,
        "r2_left_out": fit["r2_validation"].values,
    }
    weight = layer[:, :, None] * np.array([0.5, 0.3, 0.2])
    certain = probability[np.arange(n_vertices), best].astype(np.float32)
    return fit.assign(
        set_weight=(("vertex", "layer", "scale"), weight.astype(np.float32)),
        layer_probability=(("vertex", "layer"), probability.astype(np.float32)),
        confidence=("vertex", certain, {"meaning": "probability"}),
        expected_level_draw=(("draw", "vertex"), drawn.astype(np.float32)),
        layer_range_low=("vertex", np.maximum(best - 1, 0)),
        layer_range_high=("vertex", np.minimum(best + 1, n_layers - 1)),
        space_low=(("vertex", "image_axis"), place - 0.05),
        space_high=(("vertex", "image_axis"), place + 0.05),
        **{name: ("vertex", each.astype(np.float32)) for name, each in per_vertex.items()},
    ).assign_attrs(
        readout="stacked",
        bandwidth_mm=[2.0, 2.0],
        blocks=50,
        draws=draws,
        prior_steps=2,
        prior_gain=[0.0, 0.01, 0.012],
        fit_seconds=1.5,
        training_images=200,
    )
