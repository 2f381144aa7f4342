import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.compute.schedule import schedule
from cortexlens.encoding.ensemble import load_models
from cortexlens.encoding.layers import coarsen
from cortexlens.encoding.scores import pearson_r, r2_score
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset
from cortexlens.storage.provenance import input_hash
from encoders import image_ids, planted_data, random_tokens, write_features, write_subject

N_IMAGES, N_VERTICES, DIMENSIONS = 40, 6, 4
QUICK = [
    *("--epochs", "2", "--batch-size", "16", "--dimensions", str(DIMENSIONS)),
    *("--precision", "float32", "--learning-rate", "0.01"),
]


@pytest.fixture(scope="module")
def data():
    return planted_data(n_images=N_IMAGES, repeats=2)[0]


@pytest.fixture(scope="module")
def subject(data, tmp_path_factory):
    """Feature and responses stores of a subject with a cortex."""
    folder = tmp_path_factory.mktemp("subject")
    return write_subject(folder, data, coordinates=True, rois=("V1", "EBA"))


def fit(subject, out, *options):
    """Run the stage; returns the fit and the path of the model."""
    features, responses = subject
    model = out / "model.safetensors"
    command = [
        "fit-encoder",
        *("--features", features, "--responses", responses, "--backbone", "tiny"),
        *("--subject", "sim01", "--out", out / "fit.zarr", "--model", model),
        *QUICK,
        *options,
    ]
    result = CliRunner().invoke(app, [str(part) for part in command])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return open_dataset(out / "fit.zarr", kind="fit").load(), model


@pytest.fixture(scope="module")
def fitted(subject, tmp_path_factory):
    return fit(subject, tmp_path_factory.mktemp("fit"), "--seed", "3", "--members", "2")


def test_the_store_has_what_the_architecture_says(fitted):
    found = {str(name): fitted[0][name].dims for name in fitted[0].data_vars}
    per_vertex = ["scale_selector", "bias", "confidence", "r2_validation", "r2_test"]
    per_vertex += ["pearson_test", "noise_ceiling", "hemisphere", "vertex_index", "planted_level"]
    assert found == {
        "layer_selector": ("vertex", "layer"),
        "space_selector": ("vertex", "image_axis"),
        "channel_selector": ("vertex", "channel"),
        "member_layer_selector": ("member", "vertex", "layer"),
        "member_space_selector": ("member", "vertex", "image_axis"),
        "member_scale_selector": ("member", "vertex"),
        "curve_loss": ("member", "epoch"),
        "curve_r2_validation": ("member", "epoch"),
        "coordinates": ("vertex", "axis"),
        "roi_mask": ("vertex", "roi"),
        **dict.fromkeys(per_vertex, ("vertex",)),
        **dict.fromkeys(("prediction_test", "observed_test"), ("test_image", "vertex")),
        "repeats_test": ("test_image",),
    }
    n_tested = np.count_nonzero(fitted[0]["repeats_test"])
    assert dict(fitted[0].sizes) == {
        "test_image": n_tested,
        **{"vertex": N_VERTICES, "layer": 2, "image_axis": 2, "axis": 3, "roi": 2},
        **{"channel": 2 * DIMENSIONS, "member": 2, "epoch": 2},
    }
    assert fitted[0]["layer"].values.tolist() == ["blocks.0", "blocks.1"]
    assert fitted[0]["roi"].values.tolist() == ["V1", "EBA"]
    names = ("backbone", "subject", "readout", "space")
    assert [fitted[0].attrs[name] for name in names] == [
        "tiny",
        "sim01",
        "factortopy",
        "fsaverage5",
    ]
    np.testing.assert_allclose(fitted[0]["layer_selector"].sum("layer"), 1, atol=1e-6)
    scores = fitted[0][["r2_validation", "r2_test", "pearson_test"]].to_array()
    assert np.isfinite(scores).all()


def test_the_model_beside_it_predicts_what_was_scored(data, fitted):
    stored, path = fitted
    models, about = load_models(path)
    images = np.flatnonzero(data.split == 2)
    with torch.inference_mode():
        predicted = sum(model(data.features(images)).numpy() for model in models) / 2
    means = np.stack([data.response[data.trial_image == image].mean(axis=0) for image in images])
    np.testing.assert_allclose(stored["r2_test"], r2_score(means, predicted), atol=1e-5)
    np.testing.assert_allclose(stored["pearson_test"], pearson_r(means, predicted), atol=1e-5)
    assert about["subject"] == "sim01"
    assert about["weights_sha256"] == "1" * 64
    assert about["grid"] == 2
    assert about["extraction"] == {"backbone": "tiny", "grid": 2, "resize": "area"}


def test_provenance_says_what_it_was_made_of(subject, fitted):
    features, responses = subject
    record = fitted[0].attrs["provenance"]
    assert record["stage"] == "fit_encoder"
    assert record["seed"] == 3
    assert record["inputs"] == {
        "features": input_hash(features),
        "responses": input_hash(responses),
    }
    settings = record["settings"]
    assert settings["epochs"] == 2
    assert settings["learning_rate"] == 0.01
    assert settings["single_trials"] is False


def test_a_schedule_that_is_left_out_is_recorded_as_it_was_run(data, subject, tmp_path):
    n_images = int((data.split == 0).sum())
    stored, _ = fit(subject, tmp_path)
    settings = stored.attrs["provenance"]["settings"]
    used = schedule(n_images, 16, epochs=2)
    assert settings["regularization_images"] == used.regularization_images == n_images // 2
    assert settings["patience"] == used.patience
    assert settings["by_training_images"] == ["patience", "regularization_images"]
    given = ["--patience", "3", "--regularization-images", "70"]
    settings = fit(subject, tmp_path / "given", *given)[0].attrs["provenance"]["settings"]
    assert (settings["patience"], settings["regularization_images"]) == (3, 70)
    assert settings["by_training_images"] == []


def test_a_fit_says_whether_it_is_above_chance(tmp_path):
    data, _ = planted_data(n_images=200)
    responses = write_subject(tmp_path, data)
    true = fit(responses, tmp_path / "true", "--epochs", "30", "--learning-rate", "0.04")
    shuffled = fit(
        responses, tmp_path / "no", "--epochs", "30", "--learning-rate", "0.04", "--shuffled"
    )
    assert true[0].attrs["above_chance"] == 1
    assert shuffled[0].attrs["above_chance"] == 0
    assert shuffled[0]["r2_test"].mean() < 0.02


def test_the_same_seed_writes_the_same(subject, tmp_path):
    one, other, another = (
        fit(subject, tmp_path / name, "--seed", seed, "--dropout", "0.2")
        for name, seed in (("a", "0"), ("b", "0"), ("c", "1"))
    )
    assert one[0].attrs["content_hash"] == other[0].attrs["content_hash"]
    assert one[1].read_bytes() == other[1].read_bytes()
    assert one[0].attrs["content_hash"] != another[0].attrs["content_hash"]


def test_a_coarser_grid_can_be_read(data, subject, tmp_path):
    stored, path = fit(subject, tmp_path, "--grid", "1")
    (model,), about = load_models(path)
    assert about["grid"] == stored.attrs["provenance"]["settings"]["grid"] == 1
    images = np.flatnonzero(data.split == 2)
    with torch.inference_mode():
        predicted = model([coarsen(layer, 1) for layer in data.features(images)]).numpy()
    means = np.stack([data.response[data.trial_image == image].mean(axis=0) for image in images])
    np.testing.assert_allclose(stored["r2_test"], r2_score(means, predicted), atol=1e-5)


def test_single_trials_are_scored_one_by_one(data, subject, tmp_path):
    stored, path = fit(subject, tmp_path, "--single-trials")
    (model,), _ = load_models(path)
    trials = np.flatnonzero(data.split[data.trial_image] == 2)
    with torch.inference_mode():
        predicted = model(data.features(data.trial_image[trials])).numpy()
    expected = r2_score(data.response[trials], predicted)
    np.testing.assert_allclose(stored["r2_test"], expected, atol=1e-5)


def test_a_study_without_a_cortex_has_free_selectors(data, tmp_path):
    stored, path = fit(write_subject(tmp_path, data), tmp_path)
    assert not {"coordinates", "hemisphere", "vertex_index"} & set(stored.variables)
    assert "space" not in stored.attrs
    assert stored["roi_mask"].shape == (N_VERTICES, 0)
    (model,), _ = load_models(path)
    assert set(dict(model.selectors.named_parameters())) == {"space", "layer", "scale"}


def test_topology_can_be_left_out(subject, tmp_path):
    stored, path = fit(subject, tmp_path, "--no-topology")
    assert "coordinates" in stored
    (model,), _ = load_models(path)
    assert not dict(model.selectors.named_buffers())


def test_features_larger_than_memory_give_the_same_fit(subject, fitted, tmp_path):
    options = ("--seed", "3", "--members", "2", "--memory", "0.000001", "--low-memory")
    streamed, model = fit(subject, tmp_path, *options, "--device", "cpu")
    assert streamed.drop_attrs(deep=False).identical(fitted[0].drop_attrs(deep=False))
    (ours, _), (theirs, _) = load_models(model), load_models(fitted[1])
    for one, other in zip(ours, theirs, strict=True):
        for name, value in one.state_dict().items():
            assert torch.equal(value, other.state_dict()[name])


def test_provenance_says_where_it_was_computed(fitted):
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert fitted[0].attrs["provenance"]["settings"]["device"] == expected


@pytest.mark.parametrize(
    "options",
    [
        ["--no-factorized", "--no-scale"],
        ["--layers", "best"],
        ["--half", "b", "--training-images", "5", "--shuffled"],
    ],
    ids=" ".join,
)
def test_a_variant_says_what_it_is(subject, tmp_path, options):
    stored, path = fit(subject, tmp_path, "--readout", "mine", *options)
    assert stored.attrs["readout"] == "mine"
    assert stored.attrs["fit_seconds"] > 0
    assert stored.attrs["training_images"] == (5 if "--half" in options else 28)
    settings = stored.attrs["provenance"]["settings"]
    assert settings["scale"] is settings["factorized"] is ("--no-scale" not in options)
    assert settings["layers"] == ("best" if "best" in options else "all")
    assert [settings["half"], settings["shuffled"]] == (
        ["b", True] if "--half" in options else [None, False]
    )
    assert len(load_models(path)[0]) == 1
    assert set(stored["layer_selector"].max("layer").values) == {1} or "best" not in options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--layers", "some"], "layers is 'some'; allowed: all, best. Change"),
        (["--training-images", "99"], "training_images is 99; there are 28 training images"),
        (["--memory", "0"], "encoder.memory is 0; allowed are numbers above 0, in GB. Change"),
        (
            ["--memory", "-2.5"],
            "encoder.memory is -2.5; allowed are numbers above 0, in GB. Change",
        ),
        (["--device", "tpu"], "device is 'tpu'; allowed: auto, cpu, cuda"),
        (["--precision", "half"], "precision is 'half'; allowed: auto, float32, bfloat16"),
        (["--grid", "3"], "encoder.grid is 3; it has to divide .*, 2: allowed are 1, 2. Change"),
        (
            ["--learning-rate", "1e25"],
            r"diverged in epoch 1: .*Lower encoder.learning_rate",
        ),
    ],
)
def test_what_cannot_be_fitted_is_said_and_nothing_is_left(subject, tmp_path, options, message):
    with pytest.raises(CortexlensError, match=message):
        fit(subject, tmp_path, *options)
    assert list(tmp_path.iterdir()) == []


def test_features_of_other_images_are_refused(subject, tmp_path):
    tokens = random_tokens(np.random.default_rng(0), N_IMAGES, 2, (4, 3))
    write_features(tmp_path / "features.zarr", tokens, image_ids(N_IMAGES)[::-1])
    with pytest.raises(CortexlensError, match="Extract the features again"):
        fit((tmp_path / "features.zarr", subject[1]), tmp_path)


def test_stores_of_another_kind_are_refused(subject, tmp_path):
    features, responses = subject
    with pytest.raises(CortexlensError, match=r"found a store of kind 'responses'"):
        fit((responses, responses), tmp_path)
    with pytest.raises(CortexlensError, match=r"needed kind 'responses'"):
        fit((features, features), tmp_path)
