import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import xarray as xr
from safetensors import safe_open
from safetensors.torch import save_file
from scipy.stats import entropy

from cortexlens.encoding.ensemble import (
    load_models,
    save_models,
    selector_variables,
)
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.fit import FitOptions, FittedMember, fit_member
from cortexlens.encoding.predictions import mean_prediction, predict_images
from cortexlens.encoding.results import FitIdentity, fit_dataset
from cortexlens.errors import CortexlensError
from encoders import planted_data

OPTIONS = FitOptions(dimensions=4, batch_size=16, epochs=2, learning_rate=0.05, precision="float32")
ABOUT = {"subject": "sim01", "nested": {"grid": 2, "layers": ["a", "β"]}}


@pytest.fixture(scope="module")
def data():
    return planted_data(n_images=40, repeats=2)[0]


@pytest.fixture(scope="module", params=["topology", "free"])
def members(data, request):
    places = (
        np.random.default_rng(0).uniform(-50, 50, (6, 3)) if request.param == "topology" else None
    )
    return [fit_member(data, places, replace(OPTIONS, epochs=2 + seed), seed) for seed in range(3)]


def test_predictions_are_the_mean_over_members(data, members):
    models = [member.model for member in members]
    everywhere = np.arange(40)
    each = [predict_images(model, data, everywhere).astype(float) for model in models]
    assert not np.allclose(each[0], each[1])
    np.testing.assert_allclose(mean_prediction(models, data), sum(each) / 3, atol=1e-6)


def test_selectors_are_means_and_channels_stand_side_by_side(members):
    found = {name: values for name, (_, values, _) in selector_variables(members).items()}
    parts = [member.model.selectors() for member in members]
    for name in ("layer", "space", "scale"):
        mean = sum(getattr(part, name).detach().double().numpy() for part in parts) / 3
        np.testing.assert_allclose(found[f"{name}_selector"], mean, atol=1e-6)
    np.testing.assert_allclose(found["layer_selector"].sum(axis=1), 1, atol=1e-6)
    confidence = 1 - entropy(found["layer_selector"].astype(float), base=2, axis=1)
    np.testing.assert_allclose(found["confidence"], confidence, atol=1e-5)
    bias = sum(member.model.bias.detach().double().numpy() for member in members) / 3
    np.testing.assert_allclose(found["bias"], bias, atol=1e-6)
    assert found["channel_selector"].shape == (6, 12)
    for index, member in enumerate(members):
        own = found["channel_selector"][:, 4 * index : 4 * index + 4]
        np.testing.assert_array_equal(own, member.model.weight.detach())


def test_curves_of_different_lengths_end_in_nan(members):
    variables = selector_variables(members)
    for name in ("curve_loss", "curve_r2_validation"):
        dims, values, _ = variables[name]
        assert dims == ("member", "epoch")
        assert np.isnan(values).tolist() == [
            [False, False, True, True],
            [False, False, False, True],
            [False] * 4,
        ]
        for row, member in zip(values, members, strict=True):
            np.testing.assert_array_equal(row[np.isfinite(row)], getattr(member, name))


def test_saved_models_predict_the_same(data, members, tmp_path):
    models = [member.model for member in members]
    save_models(models, tmp_path / "model.safetensors", ABOUT)
    loaded, about = load_models(tmp_path / "model.safetensors")
    assert about == ABOUT
    assert len(loaded) == 3
    for one, other in zip(models, loaded, strict=True):
        assert not other.training
        everywhere = np.arange(40)
        np.testing.assert_array_equal(
            predict_images(one, data, everywhere), predict_images(other, data, everywhere)
        )


@pytest.mark.parametrize("what", ["nothing", "text", "other tensors", "another's metadata"])
def test_what_is_no_model_is_refused(tmp_path, what):
    path = tmp_path / "model.safetensors"
    if what == "text":
        path.write_text("not a model")
    elif what == "other tensors":
        save_file({"a": torch.zeros(2)}, path)
    elif what == "another's metadata":
        save_file({"a": torch.zeros(2)}, path, {"format": "pt"})
    with pytest.raises(CortexlensError, match=r"model.safetensors: not a fitted model"):
        load_models(path)


@pytest.fixture
def responses(data):
    rng = np.random.default_rng(1)
    return xr.Dataset(
        {
            "response": (("trial", "vertex"), data.response),
            "image_id": ("image", np.array([str(i) for i in range(40)], dtype=object)),
            "ncsnr": ("vertex", np.array([0, 0.5, 1, 2, np.inf, np.nan], np.float32)),
            "coordinates": (("vertex", "axis"), rng.random((6, 3), np.float32)),
            "roi_mask": (("vertex", "roi"), rng.random((6, 2)) < 0.5),
            "planted_level": ("vertex", np.arange(6)),
        },
        coords={"roi": ["V1", "EBA"]},
        attrs={"space": "fsaverage5"},
    )


def test_a_fit_holds_scores_selectors_and_the_cortex(data, members, responses):
    predicted = mean_prediction([member.model for member in members], data)
    identity = FitIdentity("net", "sim01", "factortopy", ["first", "last"])
    variables = selector_variables(members)
    fit = fit_dataset(identity, variables, predicted, data, responses)
    assert fit.attrs == {
        "backbone": "net",
        "subject": "sim01",
        "readout": "factortopy",
        "layer_names": ["first", "last"],
        "layer_axis": "layer",
        "place_frame": {"fit": "squash", "of": "picture", "x": 1.0, "y": 1.0},
        "above_chance": False,
        "space": "fsaverage5",
    }
    assert set(fit.data_vars) == {
        *variables,
        *("r2_validation", "r2_test", "pearson_test", "noise_ceiling"),
        *("prediction_test", "observed_test", "repeats_test", "scatter_test"),
        *("coordinates", "roi_mask", "planted_level"),
    }
    assert all(fit[name].attrs["description"] for name in variables)
    xr.testing.assert_identical(fit["roi_mask"], responses["roi_mask"])
    assert fit["layer"].values.tolist() == ["first", "last"]


def test_a_fit_of_a_volume_knows_its_voxels_and_their_surface(data, responses):
    given = responses.assign(
        voxel=(("vertex", "axis"), np.arange(18).reshape(6, 3)),
        surface_hemisphere=("surface", np.array([0, 0, 1, 1], np.int8)),
        surface_vertex=("surface", np.array([7, 9, 7, 8])),
        surface_voxel=("surface", np.array([5, 5, 0, 1])),
    )
    attributes = {
        "space": "volume",
        "volume_affine": np.eye(4).tolist(),
        "volume_shape": [16, 17, 18],
    }
    given.attrs = {**attributes, "surface_space": "fsaverage5", "n_repeats": 3}
    predicted = np.zeros((40, 6), np.float32)
    fit = fit_dataset(FitIdentity("n", "s", "ridge", ["a"]), {}, predicted, data, given)
    for name in ("voxel", "surface_hemisphere", "surface_vertex", "surface_voxel"):
        xr.testing.assert_identical(fit[name], given[name])
    assert {name: fit.attrs.get(name) for name in attributes} == attributes
    assert fit.attrs["surface_space"] == "fsaverage5"
    assert "n_repeats" not in fit.attrs


def test_scores_are_taken_on_trials_of_their_part(data, responses):
    """A prediction that is right on test images and wrong elsewhere scores on test alone."""
    data = replace(data, response=np.float32(data.trial_image[:, None] * np.arange(1, 7)))
    predicted = np.float32(np.arange(40)[:, None] * np.arange(1, 7))
    predicted[data.split == 0] = 0
    predicted[data.split == 1] *= -1
    fit = fit_dataset(FitIdentity("n", "s", "ridge", ["a"]), {}, predicted, data, responses)
    assert fit["r2_test"].values == pytest.approx(1)
    assert fit["pearson_test"].values == pytest.approx(1)
    assert (fit["r2_validation"] < 0).all()


@pytest.mark.parametrize("repeats", [1, 3])
def test_the_ceiling_is_that_of_what_was_scored(data, responses, repeats):
    data = replace(data, repeats=np.full(len(data.response), repeats))
    predicted = np.zeros((40, 6), np.float32)
    predicted[::2] = 1
    fit = fit_dataset(FitIdentity("n", "s", "ridge", ["a"]), {}, predicted, data, responses)
    ratio = np.array([0, 0.5, 1, 2])
    expected = [*(ratio**2 / (ratio**2 + 1 / repeats)), 1, np.nan]
    np.testing.assert_allclose(fit["noise_ceiling"], expected, rtol=1e-6)


def test_members_of_one_model_are_that_model():
    model = FactorTopy([3], 4, 2)
    curve = np.array([1.0])
    found = selector_variables([FittedMember(model, curve, curve)])
    np.testing.assert_array_equal(found["channel_selector"][1], model.weight.detach())


@pytest.mark.parametrize(
    "changes",
    [
        {"n_vertices": 10**12},
        {"dimensions": -1},
        {"channels": [10**12]},
        {"channels": "ab"},
        {"channels": [3]},
        {"members": 2},
        {"members": "all"},
        {"topology": True},
        {"n_masked": [1]},
    ],
    ids=str,
)
def test_a_description_of_other_weights_is_refused(tmp_path, changes):
    path = tmp_path / "m.safetensors"
    save_models([FactorTopy([3, 4], 5, 2)], path, ABOUT)
    with safe_open(path, "pt") as file:
        record = json.loads(file.metadata()["cortexlens"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    record["shape"] |= changes
    save_file(tensors, path, {"cortexlens": json.dumps(record)})
    with pytest.raises(CortexlensError, match=f"{path.name}: not a fitted model"):
        load_models(path)
