"""A readout's results as one xarray dataset of kind ``fit``."""

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
# What a fit takes over from the responses, so that it can be drawn and judged on its own.
COPIED = (
    *("coordinates", "hemisphere", "vertex_index", "roi_mask", "voxel"),
    *("surface_hemisphere", "surface_vertex", "surface_voxel"),
)
# Variables of a fit that hold places, (..., image_axis), and such that hold widths.
PLACES = ("space_selector", "space_low", "space_high", "member_space_selector")
WIDTHS = ("receptive_field_size", "size_low", "size_high")
COPIED_ATTRIBUTES = ("space", "volume_affine", "volume_shape", "surface_space")


@dataclass(frozen=True)
class FitIdentity:
    """Whose fit it is.

    Attributes
    ----------
    backbone, subject
        Ids of the tables.
    readout
        ``factortopy``, ``ridge``, ``banded``, or the id of a variant of one of them.
    layer_names
        In the order of the ``layer`` axis.
    layer_axis
        What that axis is: ``layer``, or ``time step`` of a diffusion network.
    frame
        Where the square that the network was shown lies in the pictures.
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
    """Assemble a fit: what the readout found, its scores, and the cortex it belongs to.

    Parameters
    ----------
    identity
        Whose fit it is.
    variables
        The readout's own: name → (dimensions, values, description with range or unit). Places
        and widths are of the square that the network was shown, see :func:`in_pictures`.
    predicted
        Predictions for every image of the subject.
    data
        What was fitted.
    responses
        Store of kind ``responses``.

    Returns
    -------
    xr.Dataset
        With the attribute ``above_chance``, see :func:`cortexlens.encoding.chance.above_chance`.
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
    """What a fit was made with, as attributes of its dataset.

    Parameters
    ----------
    data
        What was fitted.
    seconds
        How long the fitting took, reading and writing of stores apart.

    Returns
    -------
    dict
        ``fit_seconds`` and ``training_images``, the number of images that were learnt from.
    """
    _, image = data.observed(TRAIN)
    return {"fit_seconds": round(seconds, 3), "training_images": int(np.unique(image).size)}


def divergences(said: Sequence[str | None]) -> dict[str, list[str]]:
    """What is said of members that were fitted anew, as an attribute; none where none was."""
    found = [each for each in said if each]
    return {"diverged": found} if found else {}


def unscored_dataset(identity: FitIdentity, variables: Variables, places: xr.Dataset) -> xr.Dataset:
    """Assemble a model that no responses are there to score: its scores are NaN, unknown.

    Parameters
    ----------
    identity
        Whose model it is.
    variables
        As for :func:`fit_dataset`.
    places
        What is known of the vertices' places, with the attribute ``space`` where they are of a
        known mesh.

    Returns
    -------
    xr.Dataset
        With the attribute ``scores``, which says why there are none.
    """
    n_vertices = places.sizes["vertex"]
    unknown = {
        name: (("vertex",), np.full(n_vertices, np.nan, np.float32), "unknown")
        for name in ("r2_validation", "r2_test", "pearson_test", "noise_ceiling")
    }
    dataset = _assembled(identity, {**variables, **unknown}, places)
    return dataset.assign_attrs(scores="unknown: no responses were given")


def in_pictures(variables: Variables, frame: Frame) -> Variables:
    """Turn places and widths in the square that a network was shown into those in the pictures.

    Places in −1 to 1 are then between the sides of the picture. Of a padded picture they may lie
    beyond them, in what was added. Widths are in picture widths.

    Parameters
    ----------
    variables
        As for :func:`fit_dataset`.
    frame
        Of pictures of several shapes nothing is turned: what is said of places says so.
    """
    turned = dict(variables)
    of_what = " of the square that the network was shown" if frame.of == WINDOW else ""
    beyond = ", beyond it in what was padded" if frame.fit == "pad" and not of_what else ""
    for name in (*PLACES, *WIDTHS):
        if name in turned:
            dims, values, description = turned[name]
            factor = np.array(frame.scale if name in PLACES else frame.x, values.dtype)
            about = description + (of_what or beyond if name in PLACES else of_what)
            turned[name] = (dims, values * factor, about)
    return turned


def _assembled(identity: FitIdentity, variables: Variables, places: xr.Dataset) -> xr.Dataset:
    """Put what was found of the vertices beside their places, which bring attributes too."""
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
    """Scores on validation and test trials, and the ceiling of what was scored."""
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
    """What was predicted and observed for each test image, so that scores can be made again."""
    place = ("test_image", "vertex")
    test, test_image = data.observed(TEST)
    mean, images, repeats = average_repeats(test, test_image)
    found = {
        "prediction_test": (place, _single(predicted[images]), "in the units of the responses"),
        "observed_test": (place, _single(mean), "mean over the image's scored trials"),
        "repeats_test": (
            ("test_image",),
            repeats.astype(np.int64),
            "scored trials of the image; 1 where means over repeats were scored",
        ),
    }
    if (repeats == 1).all():
        return found
    away = np.square(test - mean[np.searchsorted(images, test_image)])
    scatter = average_repeats(away, test_image)[0] * repeats[:, None]
    described = "sum over the image's scored trials of (y − mean)²"
    return {**found, "scatter_test": (place, _single(scatter), described)}


def _single(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)
