"""Assemble the results of a readout into an xarray dataset of kind ``fit``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float

from cortexlens.encoding.chance import above_chance
from cortexlens.encoding.data import FitData, average_repeats
from cortexlens.encoding.scores import pearson_r, r2_score
from cortexlens.shapes import LAYER, TEST, TRAIN, VALIDATION
from cortexlens.study.ceiling import noise_ceiling
from cortexlens.study.pictures.frames import ATTRIBUTE, WHOLE, WINDOW, Frame

# Name → (dimensions, values, description with range or unit).
Variables = Mapping[str, tuple[tuple[str, ...], np.ndarray, str]]
# Variables copied from the responses, so that a fit can be drawn and scored without them.
COPIED = (
    *("coordinates", "hemisphere", "vertex_index", "roi_mask", "voxel"),
    *("surface_hemisphere", "surface_vertex", "surface_voxel"),
)
# Variables of a fit in image coordinates (..., image_axis), and variables in image widths.
PLACES = ("space_selector", "space_low", "space_high", "member_space_selector")
WIDTHS = ("receptive_field_size", "size_low", "size_high")
COPIED_ATTRIBUTES = ("space", "volume_affine", "volume_shape", "surface_space")


@dataclass(frozen=True)
class FitIdentity:
    """Identity of a fit: network, subject, readout and layers.

    Attributes
    ----------
    backbone, subject
        Identifiers in the tables of backbones and subjects.
    readout
        Kind of readout, e.g. ``factortopy``, ``ridge`` or ``banded``, or the id of a variant of it.
    layer_names
        Names of the layers, in the order of the ``layer`` axis.
    layer_axis
        Meaning of that axis: ``layer``, or ``time step`` for a diffusion network.
    frame
        Position of the square that the network was shown within the images.
    """

    backbone: str
    subject: str
    readout: str
    layer_names: Sequence[str]
    layer_axis: str = LAYER
    frame: Frame = WHOLE


def fit_dataset(
    identity: FitIdentity,
    variables: Variables,
    predicted: Float[np.ndarray, "image vertex"],
    data: FitData,
    responses: xr.Dataset,
) -> xr.Dataset:
    """Assemble the dataset of a fit: the readout's variables, its scores and cortical positions.

    Parameters
    ----------
    identity
        Identity of the fit.
    variables
        Variables of the readout: name → (dimensions, values, description with range or unit).
        Image coordinates and widths are relative to the square that the network was shown; they
        are converted by :func:`in_pictures`.
    predicted
        Predicted responses to every image of the subject.
    data
        Data that the readout was fitted to.
    responses
        Dataset of kind ``responses``.

    Returns
    -------
    xr.Dataset
        Dataset of kind ``fit``, with the attribute ``above_chance`` if enough test images allow
        the test, see :func:`cortexlens.encoding.chance.above_chance`.
    """
    copied = [
        name for name in responses.variables if name in COPIED or str(name).startswith("planted_")
    ]
    places = responses[copied].drop_vars(["image_id"], errors="ignore").load()
    places.attrs = {
        name: responses.attrs[name] for name in COPIED_ATTRIBUTES if name in responses.attrs
    }
    scores = {**_scores(predicted, data, responses), **_test_images(predicted, data)}
    dataset = _assembled(identity, {**variables, **scores}, places)
    dataset = dataset.assign_coords(test_image=np.unique(data.observed(TEST)[1]))
    passed = above_chance(
        dataset["prediction_test"].values,
        dataset["observed_test"].values,
        dataset["roi_mask"].values if "roi_mask" in dataset else None,
    )
    return dataset if passed is None else dataset.assign_attrs(above_chance=passed)


def fitting(data: FitData, seconds: float) -> dict[str, float | int]:
    """Return the duration and number of training images of a fit, as attributes of its dataset.

    Parameters
    ----------
    data
        Data that the readout was fitted to.
    seconds
        Duration of the fit in seconds, without reading and writing stores.

    Returns
    -------
    dict
        ``fit_seconds`` and ``training_images``.
    """
    _, image = data.observed(TRAIN)
    return {"fit_seconds": round(seconds, 3), "training_images": int(np.unique(image).size)}


def divergences(said: Sequence[str | None]) -> dict[str, list[str]]:
    """Return the attribute ``diverged``, or no attribute if no member diverged.

    Parameters
    ----------
    said
        For each member, the message of its first attempt if that diverged, else None.
    """
    messages = [each for each in said if each]
    return {"diverged": messages} if messages else {}


def unscored_dataset(identity: FitIdentity, variables: Variables, places: xr.Dataset) -> xr.Dataset:
    """Assemble the dataset of a model without responses to score it on; its scores are NaN.

    Parameters
    ----------
    identity
        Identity of the model.
    variables
        As for :func:`fit_dataset`.
    places
        Variables that describe where vertices lie, with the attribute ``space`` if they belong to
        a known mesh.

    Returns
    -------
    xr.Dataset
        Dataset of kind ``fit``; its attribute ``scores`` says why there are none.
    """
    n_vertices = places.sizes["vertex"]
    unknown = {
        name: (("vertex",), np.full(n_vertices, np.nan, np.float32), "unknown")
        for name in ("r2_validation", "r2_test", "pearson_test", "noise_ceiling")
    }
    dataset = _assembled(identity, {**variables, **unknown}, places)
    return dataset.assign_attrs(scores="unknown: no responses were given")


def in_pictures(variables: Variables, frame: Frame) -> Variables:
    """Convert image coordinates and widths from the square that a network was shown to the images.

    Coordinates from −1 to 1 then lie within the image. If images were padded, coordinates may lie
    beyond, in the padding. Widths are then in image widths.

    Parameters
    ----------
    variables
        As for :func:`fit_dataset`.
    frame
        Position of the square within the images. If images have different shapes, values are not
        converted, and the description of each variable says so.
    """
    converted = dict(variables)
    of_what = " of the square that the network was shown" if frame.of == WINDOW else ""
    beyond = ", beyond it in what was padded" if frame.fit == "pad" and not of_what else ""
    for name in (*PLACES, *WIDTHS):
        if name in converted:
            dims, values, description = converted[name]
            factor = np.array(frame.scale if name in PLACES else frame.x, values.dtype)
            about = description + (of_what or beyond if name in PLACES else of_what)
            converted[name] = (dims, values * factor, about)
    return converted


def _assembled(identity: FitIdentity, variables: Variables, places: xr.Dataset) -> xr.Dataset:
    """Add variables and the identity of a fit to the dataset of cortical positions."""
    dataset = places.assign(
        {
            name: (dims, values, {"description": description})
            for name, (dims, values, description) in in_pictures(variables, identity.frame).items()
        }
    )
    dataset = dataset.assign_coords(layer=list(identity.layer_names))
    dataset.attrs = {
        "backbone": identity.backbone,
        "subject": identity.subject,
        "readout": identity.readout,
        "layer_names": list(identity.layer_names),
        "layer_axis": identity.layer_axis,
        ATTRIBUTE: identity.frame.entry(),
        **places.attrs,
    }
    return dataset


def _scores(
    predicted: Float[np.ndarray, "image vertex"], data: FitData, responses: xr.Dataset
) -> dict[str, tuple[tuple[str, ...], np.ndarray, str]]:
    """Score predictions on validation and test trials; add the noise ceiling of the test score."""
    place = ("vertex",)
    seen, image = data.observed(VALIDATION)
    test, test_image = data.observed(TEST)
    repeats = data.repeats[data.trials(TEST)]
    ceiling = noise_ceiling(responses["ncsnr"].values, repeats)
    return {
        "r2_validation": (place, _single(r2_score(seen, predicted[image])), "raw R², at most 1"),
        "r2_test": (place, _single(r2_score(test, predicted[test_image])), "raw R², at most 1"),
        "pearson_test": (place, _single(pearson_r(test, predicted[test_image])), "r in [−1, 1]"),
        "noise_ceiling": (
            place,
            _single(ceiling),
            "largest r² that the repeats of the test responses allow, in [0, 1]; NaN unknown",
        ),
    }


def _test_images(
    predicted: Float[np.ndarray, "image vertex"], data: FitData
) -> dict[str, tuple[tuple[str, ...], np.ndarray, str]]:
    """Collect predictions and observations for the test images, from which scores can be redone."""
    place = ("test_image", "vertex")
    test, test_image = data.observed(TEST)
    mean, images, repeats = average_repeats(test, test_image)
    variables = {
        "prediction_test": (place, _single(predicted[images]), "in the units of the responses"),
        "observed_test": (place, _single(mean), "mean over the image's scored trials"),
        "repeats_test": (
            ("test_image",),
            repeats.astype(np.int64),
            "scored trials of the image; 1 where means over repeats were scored",
        ),
    }
    if (repeats == 1).all():
        return variables
    away = np.square(test - mean[np.searchsorted(images, test_image)])
    scatter = average_repeats(away, test_image)[0] * repeats[:, None]
    described = "sum over the image's scored trials of (y − mean)²"
    return {**variables, "scatter_test": (place, _single(scatter), described)}


def _single(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)
