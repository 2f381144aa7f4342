from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import r2_score
from typer.testing import CliRunner

from cortexlens.analysis.scores.held_out import image_terms, pearson, read_held_out
from cortexlens.analysis.scores.variance_partitioning import partition_variance
from cortexlens.cli import app
from cortexlens.encoding.data import load_fit_data
from cortexlens.encoding.ridge import fit_ridge
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from cortexlens.storage.datasets import open_dataset
from cortexlens.storage.provenance import input_hash
from encoders import planted_data, write_subject

QUICK = ["--components", "6", "--penalties", "4", "--smallest-penalty", "0.1"]


@pytest.fixture(scope="module")
def data():
    return planted_data(n_images=60, repeats=2)[0]


@pytest.fixture(scope="module")
def subject(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("subject")
    return write_subject(folder, data, coordinates=True, rois=("V1",))


def fit(subject, out, *options):
    features, responses = subject
    command = [
        "fit-ridge",
        *("--features", features, "--responses", responses, "--backbone", "tiny"),
        *("--subject", "sim01", "--out", out),
        *QUICK,
        *options,
    ]
    result = CliRunner().invoke(app, [str(part) for part in command])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return open_dataset(out, kind="fit").load()


@pytest.fixture(scope="module")
def fitted(subject, tmp_path_factory):
    return fit(subject, tmp_path_factory.mktemp("fit") / "fit.zarr", "--seed", "2")


def test_the_store_has_what_the_architecture_says(fitted):
    found = {str(name): fitted[name].dims for name in fitted.data_vars}
    per_vertex = ["stacked_r2_validation", "layer_range_low", "layer_range_high"]
    per_vertex += ["penalty", "r2_validation", "r2_test", "pearson_test", "noise_ceiling"]
    per_vertex += ["hemisphere", "vertex_index", "planted_level"]
    assert found == {
        "layer_selector": ("vertex", "layer"),
        "layer_r2_validation": ("vertex", "layer"),
        "stack_weight": ("vertex", "layer"),
        "coordinates": ("vertex", "axis"),
        "roi_mask": ("vertex", "roi"),
        **dict.fromkeys(per_vertex, ("vertex",)),
        **dict.fromkeys(("prediction_test", "observed_test"), ("test_image", "vertex")),
        "repeats_test": ("test_image",),
    }
    names = ("backbone", "subject", "readout")
    assert [fitted.attrs[name] for name in names] == ["tiny", "sim01", "ridge"]
    assert fitted["layer"].values.tolist() == ["blocks.0", "blocks.1"]


def test_the_best_layer_on_validation_is_selected(fitted):
    best = fitted["layer_r2_validation"].argmax("layer").values
    np.testing.assert_array_equal(fitted["layer_selector"], np.eye(2)[best])
    highest = fitted["layer_r2_validation"].max("layer")
    np.testing.assert_allclose(fitted["r2_validation"], highest, atol=1e-6)


def test_the_range_of_layers_is_of_what_layers_predict_for_validation_images(data, subject, fitted):
    """From ridge of each layer by itself, at the penalty that the fit of all chose for it."""
    features, responses = subject
    loaded = load_fit_data(
        open_features(features), open_dataset(responses, kind="responses"), single_trials=False
    )
    penalties = np.geomspace(0.1, 1e6, 4)
    seen, image = loaded.observed(1)
    alone = [
        fit_ridge(
            replace(loaded, layers=[layer]), components=6, penalties=penalties, seed=2
        ).predicted[image]
        for layer in loaded.layers
    ]
    expected = partition_variance(np.stack(alone, axis=1), seen, image)
    np.testing.assert_array_equal(fitted["layer_range_low"], expected.low)
    np.testing.assert_array_equal(fitted["layer_range_high"], expected.high)
    np.testing.assert_allclose(fitted["stack_weight"], expected.weight, atol=1e-4)
    np.testing.assert_allclose(fitted["stacked_r2_validation"], expected.r2, atol=1e-5)
    assert (fitted["stacked_r2_validation"] >= fitted["r2_validation"] - 1e-6).all()


@pytest.mark.parametrize("options", [[], ["--single-trials"]])
def test_scores_are_those_of_the_fit_itself(data, subject, tmp_path, options):
    features, responses = subject
    loaded = load_fit_data(
        open_features(features),
        open_dataset(responses, kind="responses"),
        single_trials=bool(options),
    )
    penalties = np.geomspace(0.1, 1e6, 4)
    expected = fit_ridge(loaded, components=6, penalties=penalties, seed=0)
    stored = fit(subject, tmp_path / "fit.zarr", *options)
    np.testing.assert_allclose(stored["penalty"], expected.penalty, rtol=1e-6)
    trials = loaded.trials(2)
    observed, predicted = loaded.response[trials], expected.predicted[loaded.trial_image[trials]]
    scores = r2_score(observed.astype(float), predicted, multioutput="raw_values")
    np.testing.assert_allclose(stored["r2_test"], scores, atol=1e-5)
    assert len(trials) == (18 if options else 9)


@pytest.mark.parametrize("options", [[], ["--single-trials"]])
def test_scores_are_made_again_from_what_is_kept(subject, tmp_path, options):
    stored = fit(subject, tmp_path / "fit.zarr", *options)
    held = read_held_out(stored, "fit")
    np.testing.assert_allclose(image_terms(held).r2, stored["r2_test"], atol=3e-7)
    np.testing.assert_allclose(pearson(held), stored["pearson_test"], atol=3e-7)
    assert ("scatter_test" in stored) == bool(options)
    assert held.repeats.tolist() == [2 if options else 1] * 9
    split = open_dataset(subject[1], kind="responses")["split"].values
    assert held.images.tolist() == np.flatnonzero(split == 2).tolist()


def test_provenance_says_what_it_was_made_of(subject, fitted):
    record = fitted.attrs["provenance"]
    assert (record["stage"], record["seed"]) == ("fit_ridge", 2)
    assert record["inputs"] == {
        name: input_hash(path)
        for name, path in zip(("features", "responses"), subject, strict=True)
    }
    assert record["settings"]["components"] == 6
    assert record["settings"]["penalties"] == pytest.approx(np.geomspace(0.1, 1e6, 4))


def test_the_same_seed_writes_the_same(subject, fitted, tmp_path):
    again = fit(subject, tmp_path / "fit.zarr", "--seed", "2")
    assert again.attrs["content_hash"] == fitted.attrs["content_hash"]


def test_stores_of_another_kind_are_refused(subject, tmp_path):
    features, _ = subject
    with pytest.raises(CortexlensError, match=r"found a store of kind 'features'"):
        fit((features, features), tmp_path / "fit.zarr")
    assert list(tmp_path.iterdir()) == []


def test_all_layers_together_are_another_readout(subject, tmp_path):
    stored = fit(subject, tmp_path / "fit.zarr", "--readout", "ridge-all", "--layers", "all")
    assert stored.attrs["readout"] == "ridge-all"
    assert stored.attrs["training_images"] == 42
    np.testing.assert_allclose(stored["layer_selector"].sum("layer"), 1, atol=1e-6)
    assert "layer_r2_validation" not in stored
    assert "layer_range_low" not in stored
    with pytest.raises(CortexlensError, match="layers is 'some'; allowed: best, all"):
        fit(subject, tmp_path / "none.zarr", "--layers", "some")
