import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from cortexlens.analysis.channels.dataset import Clustering, channels_dataset
from cortexlens.analysis.scores.brain_score import score_table
from cortexlens.analysis.scores.fit_scores import score_fit
from cortexlens.analysis.scores.held_out import image_terms, read_held_out
from cortexlens.atlas.maps import fit_arrays
from cortexlens.cli import app, main
from cortexlens.encoding.data import load_fit_data
from cortexlens.encoding.ensemble import load_models
from cortexlens.encoding.predictions import predicted_responses
from cortexlens.encoding.stacked.model import StackedModel
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from cortexlens.figures.maps.fits import read_fit
from cortexlens.methods.facts import gather
from cortexlens.methods.models import models
from cortexlens.storage.datasets import open_dataset
from cortexlens.storage.provenance import input_hash
from encoders import planted_data, write_subject

QUICK = ["--lattice", "1", "--sizes", "0,1", "--bandwidths", "0,4", "--blocks", "10"]
QUICK += ["--draws", "20", "--device", "cpu"]


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    data = planted_data(n_images=120, n_vertices=20, repeats=2)[0]
    folder = tmp_path_factory.mktemp("subject")
    return write_subject(folder, data, coordinates=True, rois=("V1",))


def fit(subject, folder, *options):
    features, responses = subject
    command = [
        "fit-stacked",
        *("--features", features, "--responses", responses, "--backbone", "tiny"),
        *("--subject", "sim01", "--out", folder / "fit.zarr"),
        *("--model", folder / "model.safetensors", *QUICK, *options),
    ]
    result = CliRunner().invoke(app, [str(part) for part in command])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return open_dataset(folder / "fit.zarr", kind="fit").load()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fit")


@pytest.fixture(scope="module")
def fitted(subject, folder):
    return fit(subject, folder)


def test_the_store_has_what_the_architecture_says(fitted):
    found = {str(name): fitted[name].dims for name in fitted.data_vars}
    per_vertex = ["receptive_field_size", "size_low", "size_high", "scale_selector", "confidence"]
    per_vertex += ["layer_range_low", "layer_range_high", "r2_left_out"]
    per_vertex += ["expected_level", "expected_level_low", "expected_level_high"]
    per_vertex += ["r2_validation", "r2_test", "pearson_test", "noise_ceiling"]
    per_vertex += ["hemisphere", "vertex_index", "planted_level"]
    assert found == {
        **dict.fromkeys(per_vertex, ("vertex",)),
        **dict.fromkeys(("layer_selector", "layer_probability"), ("vertex", "layer")),
        **dict.fromkeys(("set_weight", "penalty"), ("vertex", "layer", "scale")),
        **dict.fromkeys(("space_selector", "space_low", "space_high"), ("vertex", "image_axis")),
        "expected_level_draw": ("draw", "vertex"),
        "coordinates": ("vertex", "axis"),
        "roi_mask": ("vertex", "roi"),
        **dict.fromkeys(("prediction_test", "observed_test"), ("test_image", "vertex")),
        "repeats_test": ("test_image",),
    }
    names = ("backbone", "subject", "readout", "training_images", "draws", "blocks")
    assert [fitted.attrs[name] for name in names] == ["tiny", "sim01", "stacked", 84, 20, 10]
    assert set(fitted.attrs["bandwidth_mm"]) <= {0, 4}
    assert fitted["scale"].values.tolist() == ["window", "image", "global"]
    assert fitted["confidence"].attrs["meaning"] == "probability"
    for name in ("layer_selector", "layer_probability"):
        np.testing.assert_allclose(fitted[name].sum("layer"), 1, atol=1e-5)
    np.testing.assert_array_less(-1e-6, fitted["set_weight"])


def test_the_planted_layer_is_found_and_predicts(fitted):
    # planted_data deals layers to vertices in turn
    planted = np.arange(fitted.sizes["vertex"]) % 2
    assert (fitted["layer_selector"].argmax("layer").values == planted).mean() > 0.8
    assert fitted["r2_test"].median() > 0.5


def test_the_model_beside_the_store_predicts_the_same(subject, folder, fitted):
    features, responses = subject
    (model,), about = load_models(folder / "model.safetensors")
    assert isinstance(model, StackedModel)
    assert (about["subject"], about["grid"]) == ("sim01", 2)
    recorded = open_dataset(responses, kind="responses")
    data = load_fit_data(open_features(features), recorded, single_trials=False)
    predicted = predicted_responses(model, data)[fitted["test_image"].values]
    np.testing.assert_allclose(predicted, fitted["prediction_test"], atol=1e-5)


def test_the_store_is_scored_tabulated_drawn_and_shown_in_the_atlas(fitted):
    held = read_held_out(fitted, "fit")
    np.testing.assert_allclose(image_terms(held).r2, fitted["r2_test"], atol=1e-5)
    scores = score_fit(fitted, "fit", confidence_level=0.95, bootstraps=99, permutations=99, seed=0)
    table = score_table([scores]).set_index(["roi", "hemisphere"])
    assert set(table["readout"]) == {"stacked"}
    mean = table.loc[("all", "both"), "r2_mean"]
    assert mean == pytest.approx(fitted["r2_test"].mean().item(), abs=1e-5)
    arrays = fit_arrays(fitted, scores, np.arange(fitted.sizes["vertex"]))
    np.testing.assert_array_equal(arrays["layer"][0], fitted["layer_selector"].argmax("layer"))
    drawn = read_fit(fitted, "fit")
    assert (drawn.readout, drawn.meaning, drawn.above_chance) == ("stacked", "probability", True)
    np.testing.assert_array_equal(drawn.size, fitted["receptive_field_size"])


def test_its_maps_of_channels_are_clustered(subject, folder, fitted):
    features, _ = subject
    how = Clustering(clusters=2, splits=2)
    found = channels_dataset(fitted, folder / "model.safetensors", features, how)
    assert found["axis_weight"].shape == (found.sizes["channel"], 7)
    # vertices that read different layers have nothing in common
    read = found["channel_selector_read"].values
    read = read / np.linalg.norm(read, axis=1, keepdims=True)
    alike = np.abs(read @ read.T)[~np.eye(len(read), dtype=bool)]
    layer = np.arange(len(read)) % 2
    same = (layer[:, None] == layer)[~np.eye(len(read), dtype=bool)]
    assert alike[~same].mean() < 0.1 < 0.3 < alike[same].mean()


def test_its_model_has_no_channels_for_a_fit_of_factortopy(subject, folder, fitted):
    features, _ = subject
    weight = np.ones((fitted.sizes["vertex"], 3), np.float32)
    shared = fitted.assign(channel_selector=(("vertex", "channel"), weight))
    with pytest.raises(CortexlensError, match="found a stacked model, which has no channels"):
        channels_dataset(shared, folder / "model.safetensors", features, Clustering())


def test_the_methods_text_is_written_from_the_store(fitted):
    record = {**fitted.attrs, "cortexlens_kind": "fit"}
    text = models(gather([record], []))
    assert "20 resamples of 10 blocks" in text
    assert f"(chosen: {fitted.attrs['bandwidth_mm'][0]:g} mm)" in text


def test_provenance_says_what_it_was_made_of(subject, fitted):
    record = fitted.attrs["provenance"]
    assert record["stage"] == "fit_stacked"
    assert record["inputs"] == {
        name: input_hash(path)
        for name, path in zip(("features", "responses"), subject, strict=True)
    }
    settings = record["settings"]
    assert (list(settings["sizes"]), list(settings["bandwidths"])) == ([0, 1], [0, 4])
    assert (settings["components"], settings["device"]) == (None, "cpu")


def test_nothing_depends_on_the_seed(subject, fitted, tmp_path):
    again = fit(subject, tmp_path, "--seed", "7")
    for name in fitted.data_vars:
        np.testing.assert_array_equal(again[name], fitted[name], err_msg=str(name))


def test_the_same_call_writes_the_same_bytes(subject, folder, fitted, tmp_path):
    """But for the time that it took, of which the store's hash is made too."""
    again = fit(subject, tmp_path)
    for name in fitted.variables:
        one, other = fitted[name], again[name]
        assert one.attrs == other.attrs
        if one.dtype.kind in "iufb":
            assert one.values.tobytes() == other.values.tobytes(), name
        else:
            np.testing.assert_array_equal(one, other)
    moving = {"fit_seconds", "content_hash", "provenance", "created"}
    assert {k: v for k, v in fitted.attrs.items() if k not in moving} == {
        k: v for k, v in again.attrs.items() if k not in moving
    }
    one, other = (load_file(each / "model.safetensors") for each in (folder, tmp_path))
    assert list(one) == list(other)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_half_of_the_images_and_shuffled_ones_are_variants(subject, fitted, tmp_path):
    half = fit(subject, tmp_path, "--half", "a", "--readout", "half-a")
    assert (half.attrs["readout"], half.attrs["training_images"]) == ("half-a", 42)
    shuffled = fit(subject, tmp_path, "--shuffled")
    assert shuffled["r2_test"].mean() < 0.1 < fitted["r2_test"].mean()
    assert not shuffled.attrs["above_chance"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sizes", "wide"], "stacked.sizes: found 'wide'; allowed are numbers of at least 0"),
        (["--bandwidths", "-1"], "stacked.bandwidths: found '-1'; allowed are numbers"),
    ],
)
def test_options_that_cannot_be_are_refused(subject, tmp_path, options, message):
    with pytest.raises(CortexlensError, match=message):
        fit(subject, tmp_path, *options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value"),
    [("--sizes", "0,wide"), ("--sizes", ""), ("--bandwidths", "0,inf"), ("--bandwidths", "nan")],
)
def test_wrong_lists_are_one_line_and_exit_code_2(
    subject, tmp_path, monkeypatch, capsys, option, value
):
    features, responses = subject
    command = [
        *("fit-stacked", "--features", features, "--responses", responses, "--backbone", "tiny"),
        *("--subject", "sim01", "--out", tmp_path / "f.zarr", "--model", tmp_path / "m"),
        *(option, value),
    ]
    monkeypatch.setattr("sys.argv", ["cortexlens", *map(str, command)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    unit = {"--sizes": "tokens", "--bandwidths": "mm"}[option]
    name = f"stacked.{option.removeprefix('--')}"
    assert f"{name}: found {value!r}; allowed are numbers of at least 0, in {unit}" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_an_error(subject, tmp_path):
    with pytest.raises(CortexlensError, match="device is 'cuda', but PyTorch finds no GPU"):
        fit(subject, tmp_path, "--device", "cuda")
