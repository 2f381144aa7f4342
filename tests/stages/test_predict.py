import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.encoding.ensemble import load_models
from cortexlens.encoding.layers import coarsen
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from cortexlens.storage.datasets import open_dataset
from trees import coloured_noise

N_IMAGES, N_VERTICES = 24, 3
NETWORK = [
    *("--backbone", "tiny", "--source", "python", "--input-size", "32", "--seed", "5"),
    *("--name", "cortexlens.backbones.cifar_resnet:resnet20", "--layers", "layer1.0,layer3.2"),
    *("--mean", "0.5,0.5,0.5", "--std", "0.5,0.5,0.5"),
]


def run(*command):
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of three vertices, from pictures to a fitted model that reads a coarser grid."""
    folder = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(0)
    (folder / "images").mkdir()
    for number in range(N_IMAGES):
        Image.fromarray(coloured_noise(rng, 32)).save(folder / "images" / f"{number:02d}.png")
    np.save(folder / "r.npy", rng.standard_normal((N_IMAGES, N_VERTICES)))
    table = ["--kind", "table", "--root", folder, "--subject", "anna"]
    run("collect-images", *table, "--images", "images", "--out", folder / "images.tsv")
    run(
        *("collect-responses", *table, "--responses", "r.npy", "--axes", "image,vertex"),
        *("--images", folder / "images.tsv", "--out", folder / "responses.zarr"),
    )
    features = folder / "features.zarr"
    extract = ("extract-features", *NETWORK, "--precision", "float32")  # as predict computes
    run(*extract, "--images", folder / "images.tsv", "--out", features)
    run(
        *("fit-encoder", "--features", features, "--responses", folder / "responses.zarr"),
        *("--backbone", "tiny", "--subject", "anna", "--grid", 4, "--members", 2, "--epochs", 2),
        *("--dimensions", 4, "--out", folder / "fit.zarr", "--model", folder / "m.safetensors"),
    )
    return folder


def test_predictions_are_those_of_the_members_on_the_stored_features(study):
    run(
        *("predict", "--model", study / "m.safetensors", "--images", study / "images"),
        *("--out", study / "predicted.zarr", "--batch-size", 5),
    )
    predicted = open_dataset(study / "predicted.zarr", kind="predictions")
    features = open_features(study / "features.zarr")
    layers = [coarsen(torch.from_numpy(features.read(layer)), 4) for layer in range(2)]
    with torch.inference_mode():
        members = [member(layers).numpy() for member in load_models(study / "m.safetensors")[0]]
    assert np.abs(members[0] - members[1]).max() > 1e-3
    np.testing.assert_allclose(predicted["predicted"], np.mean(members, axis=0), atol=2e-3)
    assert predicted["image"].values.tolist()[0].endswith("00")
    assert predicted.attrs["subject"] == "anna"


def test_other_weights_than_those_fitted_are_refused(study):
    with pytest.raises(CortexlensError, match=r"m.safetensors: made from a network with weights"):
        run(
            *("predict", "--model", study / "m.safetensors", "--images", study / "images"),
            *("--weights", "packaged:resnet20_cifar10", "--out", study / "other.zarr"),
        )


def test_a_file_that_is_no_model_is_refused(study):
    with pytest.raises(CortexlensError, match=r"images.tsv: not a fitted model"):
        run(
            *("predict", "--model", study / "images.tsv", "--images", study / "images"),
            *("--out", study / "other.zarr"),
        )


def test_a_stacked_fit_predicts_pictures_as_it_predicted_their_stored_features(study):
    run(
        *("fit-stacked", "--features", study / "features.zarr", "--device", "cpu"),
        *("--responses", study / "responses.zarr", "--backbone", "tiny", "--subject", "anna"),
        *("--lattice", 1, "--sizes", "0,2", "--blocks", 4, "--draws", 4, "--components", 6),
        *("--out", study / "stacked.zarr", "--model", study / "stacked.safetensors"),
    )
    run(
        *("predict", "--model", study / "stacked.safetensors", "--images", study / "images"),
        *("--out", study / "by_stack.zarr", "--batch-size", 5),
    )
    predicted = open_dataset(study / "by_stack.zarr", kind="predictions")
    fit = open_dataset(study / "stacked.zarr", kind="fit")
    assert predicted["predicted"].std("image").max() > 1e-3
    np.testing.assert_allclose(
        predicted["predicted"][fit["test_image"].values], fit["prediction_test"], atol=2e-3
    )
