"""The stage import_checkpoint, and the whole way from a checkpoint to pictures."""

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from cortexlens.storage.datasets import open_dataset, store_attributes
from encoders import planted_data, write_subject
from equation import assert_close
from published import predict, random_state, selectors
from trees import coloured_noise

SCORES = ["r2_validation", "r2_test", "pearson_test", "noise_ceiling"]
CHANNELS = (16, 64)
N_VERTICES = 12
NETWORK = [
    *("--backbone", "tiny", "--source", "python", "--input-size", "32", "--seed", "5"),
    *("--name", "cortexlens.backbones.cifar_resnet:resnet20", "--layers", "layer1.0,layer3.2"),
    *("--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"),
    *("--grid", "4", "--resize", "reference"),
]


def run(*command):
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)


def run_import(folder, *more, **changed):
    files = {"checkpoint": "checkpoint.pt", "coordinates": "xyz.npy"} | changed
    given = [word for name, file in files.items() for word in (f"--{name}", folder / file)]
    run(
        *("import-checkpoint", *given, "--out", folder / "fit.zarr"),
        *("--model", folder / "m.safetensors", *more),
    )
    return open_dataset(folder / "fit.zarr", kind="fit")


def write_checkpoint(folder, seed=0, **sizes):
    """Checkpoint, coordinates, and vertices of fsaverage5; the state and the coordinates."""
    rng = np.random.default_rng(seed)
    state = random_state(rng, **sizes)
    n_vertices = len(state["weight"])
    coordinates = rng.uniform(-100, 400, (n_vertices, 3)).astype(np.float32)
    torch.save(
        {"state_dict": {f"model.{name}": tensor for name, tensor in state.items()}},
        folder / "checkpoint.pt",
    )
    np.save(folder / "xyz.npy", coordinates)
    lines = ["hemisphere\tvertex_index", *(f"{i % 2}\t{40 + i}" for i in range(n_vertices))]
    (folder / "vertices.tsv").write_text("\n".join(lines) + "\n")
    return state, coordinates


def write_images(folder, seed, count=6):
    folder.mkdir()
    rng = np.random.default_rng(seed)
    for number in range(count):
        Image.fromarray(coloured_noise(rng, 32)).save(folder / f"{number:02d}.png")


def extract(folder, name):
    """Feature store of the pictures in a folder."""
    table = ["--kind", "table", "--root", folder, "--subject", "anna", "--images", name]
    run("collect-images", *table, "--out", folder / f"{name}.tsv")
    out = folder / f"{name}.zarr"
    # as predict computes, whatever this processor is fast at
    command = ["extract-features", *NETWORK, "--precision", "float32", "--out", out]
    run(*command, "--images", folder / f"{name}.tsv")
    return open_features(out)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A network's features and a checkpoint that reads them."""
    folder = tmp_path_factory.mktemp("study")
    state, coordinates = write_checkpoint(folder, n_vertices=N_VERTICES, channels=CHANNELS)
    write_images(folder / "seen", 0)
    extract(folder, "seen")
    return folder, state, coordinates


@pytest.mark.parametrize("cortex", [True, False], ids=["cortex", "distributions"])
def test_from_checkpoint_to_predictions_and_pictures(study, cortex):
    folder, state, coordinates = study
    mesh = ["--vertices", folder / "vertices.tsv", "--space", "fsaverage5"] if cortex else []
    fit = run_import(folder, "--features", folder / "seen.zarr", "--subject", "s1", *mesh)
    expected = selectors(state, coordinates)
    for name, values in expected.items():
        assert_close(fit[f"{name}_selector"], values, 1e-5, name)
    assert fit.attrs["layer_names"] == ["layer1.0", "layer3.2"]
    if not (folder / "new").exists():
        write_images(folder / "new", 1)
    run(
        *("predict", "--model", folder / "m.safetensors", "--images", folder / "new"),
        *("--out", folder / "predicted.zarr"),
    )
    features = extract(folder, "new")
    tokens = [features.read(layer) for layer in range(2)]
    predicted = open_dataset(folder / "predicted.zarr", kind="predictions")
    assert_close(predicted["predicted"], predict(state, expected, tokens), 1e-5)
    assert predicted.attrs["subject"] == "s1"
    run("draw-maps", "--fit", folder / "fit.zarr", "--out", folder / "maps")
    for name in ("layer", "space", "scale", "r2"):
        with Image.open(folder / "maps" / f"{name}.png") as picture:
            assert picture.width > 800


def test_without_responses_scores_are_unknown(tmp_path):
    state, coordinates = write_checkpoint(tmp_path, n_vertices=9, last_bias=True)
    mesh = ["--vertices", tmp_path / "vertices.tsv", "--space", "fsaverage5"]
    fit = run_import(tmp_path, *mesh, "--backbone", "clip", "--subject", "subj01")
    for name in SCORES:
        assert fit[name].dims == ("vertex",)
        assert np.isnan(fit[name]).all()
    assert {name: fit.attrs[name] for name in ("backbone", "subject", "readout", "scores")} == {
        "backbone": "clip",
        "subject": "subj01",
        "readout": "factortopy",
        "scores": "unknown: no responses were given",
    }
    assert (fit.attrs["space"], fit.attrs["layer_names"][2]) == ("fsaverage5", "layer 2")
    assert not [name for name in fit.variables if str(name).startswith("curve_")]
    np.testing.assert_array_equal(fit["coordinates"], coordinates)
    np.testing.assert_array_equal(fit["vertex_index"], 40 + np.arange(9))
    np.testing.assert_array_equal(fit["channel_selector"], state["weight"])
    np.testing.assert_array_equal(fit["bias"], state["bias"])
    layer = selectors(state, coordinates)["layer"]
    entropy = -(layer * np.log(layer)).sum(axis=1)
    np.testing.assert_allclose(fit["confidence"], 1 - entropy / np.log(3), atol=1e-5)
    provenance = store_attributes(tmp_path / "fit.zarr")["provenance"]
    assert provenance["stage"] == "import_checkpoint"
    assert set(provenance["inputs"]) == {"checkpoint", "coordinates", "vertices"}


def test_a_model_imported_without_features_says_why_it_does_not_predict(tmp_path):
    write_checkpoint(tmp_path)
    write_images(tmp_path / "new", 0, count=1)
    run_import(tmp_path)
    with pytest.raises(CortexlensError, match=r"m.safetensors: this model was imported without"):
        run(
            *("predict", "--model", tmp_path / "m.safetensors", "--images", tmp_path / "new"),
            *("--out", tmp_path / "predicted.zarr"),
        )


@pytest.fixture
def subject(tmp_path):
    """Features and responses with repeats, and a checkpoint of their layers and vertices."""
    data, _ = planted_data(n_images=40, n_vertices=6, repeats=2)
    write_subject(tmp_path, data, coordinates=True, rois=("V1", "V2"))
    state, coordinates = write_checkpoint(tmp_path, n_vertices=6, channels=(4, 3))
    return tmp_path, data, state, coordinates


@pytest.mark.parametrize("single", [True, False])
def test_with_responses_it_is_scored_on_the_test_images(subject, single):
    folder, data, state, coordinates = subject
    stores = ["--features", folder / "features.zarr", "--responses", folder / "responses.zarr"]
    fit = run_import(folder, *stores, *(["--single-trials"] if single else []))
    tokens = [layer.numpy() for layer in data.layers]
    predicted = predict(state, selectors(state, coordinates), tokens)
    chosen = data.split[data.trial_image] == 2
    observed, image = data.response[chosen].astype(float), data.trial_image[chosen]
    if not single:
        shown = np.unique(image)
        observed, image = np.stack([observed[image == each].mean(axis=0) for each in shown]), shown
    residual = ((observed - predicted[image]) ** 2).sum(axis=0)
    total = ((observed - observed.mean(axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(fit["r2_test"], 1 - residual / total, rtol=1e-4)
    pairs = zip(observed.T, predicted[image].T, strict=True)
    correlation = [np.corrcoef(one, other)[0, 1] for one, other in pairs]
    np.testing.assert_allclose(fit["pearson_test"], correlation, atol=1e-4)
    ratio = open_dataset(folder / "responses.zarr", kind="responses")["ncsnr"].values ** 2
    ceiling = ratio / (ratio + (1 if single else 0.5))
    np.testing.assert_allclose(fit["noise_ceiling"], ceiling, rtol=1e-5)
    np.testing.assert_array_equal(fit["coordinates"], coordinates)
    assert fit["roi"].values.tolist() == ["V1", "V2"]
    assert fit.attrs["layer_names"] == ["blocks.0", "blocks.1"]
    assert fit.attrs["scores"].startswith("on a split of our own")
    assert fit.attrs["space"] == "fsaverage5"


def test_a_subset_of_vertices_is_told_from_the_whole(subject):
    """Codes of a subset have other bounds in the published way, so all vertices are needed."""
    folder, _, _, coordinates = subject
    np.save(folder / "part.npy", coordinates[:3])
    with pytest.raises(CortexlensError, match=r"part.npy: .*\(3, 3\); needed are \(6, 3\)"):
        run_import(folder, coordinates="part.npy")


def other_layers(folder):
    write_checkpoint(folder, n_vertices=6, channels=(4, 3, 2))


def other_vertices(folder):
    write_checkpoint(folder, n_vertices=5, channels=(4, 3))


def not_finite(folder):
    coordinates = np.load(folder / "xyz.npy")
    coordinates[4, 1] = np.nan
    np.save(folder / "xyz.npy", coordinates)


def program(folder):
    torch.save({"state_dict": {}, "callback": print}, folder / "checkpoint.pt")


def nothing(folder):
    (folder / "checkpoint.pt").unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (other_layers, r"features.zarr: found features of 2 layers .* reads 3 layers"),
        (other_vertices, r"responses.zarr: found responses of 6 vertices; the checkpoint has 5"),
        (not_finite, r"xyz.npy: the coordinates of vertex 4 "),
        (program, r"checkpoint.pt: holds Python objects besides tensors"),
        (nothing, r"checkpoint.pt: not a readable PyTorch file"),
    ],
)
def test_files_that_do_not_fit_are_refused(subject, spoil, message):
    folder = subject[0]
    spoil(folder)
    stores = ["--features", folder / "features.zarr", "--responses", folder / "responses.zarr"]
    with pytest.raises(CortexlensError, match=message):
        run_import(folder, *stores)
    assert not (folder / "fit.zarr").exists()
    assert not (folder / "m.safetensors").exists()


def test_vertices_have_to_be_those_of_the_responses(subject):
    folder = subject[0]
    stores = ["--features", folder / "features.zarr", "--responses", folder / "responses.zarr"]
    with pytest.raises(CortexlensError, match=r"responses.zarr: .* Both must list the same"):
        run_import(folder, *stores, "--vertices", folder / "vertices.tsv", "--space", "fsaverage5")
    with pytest.raises(CortexlensError, match=r"space 'fsaverage5', but --space is 'fsaverage'"):
        run_import(folder, *stores, "--vertices", folder / "vertices.tsv", "--space", "fsaverage")


def test_options_that_belong_together(subject):
    folder = subject[0]
    with pytest.raises(CortexlensError, match=r"--vertices and --space go together"):
        run_import(folder, "--space", "fsaverage5")
    with pytest.raises(CortexlensError, match=r"--responses needs --features"):
        run_import(folder, "--responses", folder / "responses.zarr")


def test_the_code_has_each_sine_beside_its_cosine(tmp_path):
    state, coordinates = write_checkpoint(tmp_path)
    expected = selectors(state, coordinates)
    assert np.ptp(expected["layer"], axis=0).max() > 0.2
    assert_close(run_import(tmp_path)["layer_selector"], expected["layer"], 1e-5)
