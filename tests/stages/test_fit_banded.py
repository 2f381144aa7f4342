import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from cortexlens.analysis.scores.brain_score import score_table
from cortexlens.analysis.scores.fit_scores import score_fit
from cortexlens.analysis.scores.held_out import image_terms, read_held_out
from cortexlens.atlas.maps import fit_arrays
from cortexlens.cli import app
from cortexlens.encoding.banded import fit_banded
from cortexlens.encoding.data import load_fit_data
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from cortexlens.storage.datasets import open_dataset
from cortexlens.storage.provenance import input_hash
from encoders import planted_data, write_subject

QUICK = ["--components", "6", "--samples", "10", "--penalties", "5", "--device", "cpu"]
PENALTIES = np.geomspace(1e-6, 1e10, 5)


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    data = planted_data(n_images=60, repeats=2)[0]
    folder = tmp_path_factory.mktemp("subject")
    return write_subject(folder, data, coordinates=True, rois=("V1",))


def fit(subject, out, *options):
    features, responses = subject
    command = [
        "fit-banded",
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
    per_vertex = ["penalty", "r2_validation", "r2_test", "pearson_test", "noise_ceiling"]
    per_vertex += ["hemisphere", "vertex_index", "planted_level"]
    assert found == {
        "layer_selector": ("vertex", "layer"),
        "layer_r2_split": ("vertex", "layer"),
        "band_weight": ("vertex", "layer", "set"),
        "coordinates": ("vertex", "axis"),
        "roi_mask": ("vertex", "roi"),
        **dict.fromkeys(per_vertex, ("vertex",)),
        **dict.fromkeys(("prediction_test", "observed_test"), ("test_image", "vertex")),
        "repeats_test": ("test_image",),
    }
    names = ("backbone", "subject", "readout", "training_images")
    assert [fitted.attrs[name] for name in names] == ["tiny", "sim01", "banded", 42]
    assert fitted["layer"].values.tolist() == ["blocks.0", "blocks.1"]
    assert fitted["set"].values.tolist() == ["local", "global"]
    np.testing.assert_allclose(fitted["layer_selector"].sum("layer"), 1, atol=1e-6)
    np.testing.assert_allclose(fitted["band_weight"].sum(["layer", "set"]), 1, atol=1e-6)


@pytest.mark.parametrize("options", [[], ["--single-trials"]])
def test_what_is_stored_is_the_fit_itself(subject, tmp_path, options):
    features, responses = subject
    loaded = load_fit_data(
        open_features(features),
        open_dataset(responses, kind="responses"),
        single_trials=bool(options),
    )
    expected = fit_banded(loaded, components=6, samples=10, penalties=PENALTIES, seed=0)
    stored = fit(subject, tmp_path / "fit.zarr", *options)
    np.testing.assert_allclose(stored["penalty"], expected.penalty, rtol=1e-6)
    np.testing.assert_allclose(stored["layer_selector"], expected.layer_share, atol=1e-6)
    tested = expected.predicted[stored["test_image"].values]
    np.testing.assert_allclose(stored["prediction_test"], tested, atol=1e-6)
    assert stored.attrs["share_at_smallest_penalty"] == expected.at_smallest
    assert stored.attrs["share_at_largest_penalty"] == expected.at_largest
    held = read_held_out(stored, "fit")
    np.testing.assert_allclose(image_terms(held).r2, stored["r2_test"], atol=1e-6)


def test_the_store_is_scored_tabulated_and_shown_in_the_atlas(fitted):
    scores = score_fit(fitted, "fit", confidence_level=0.95, bootstraps=99, permutations=99, seed=0)
    table = score_table([scores]).set_index(["roi", "hemisphere"])
    assert set(table["readout"]) == {"banded"}
    mean = table.loc[("all", "both"), "r2_mean"]
    assert mean == pytest.approx(fitted["r2_test"].mean().item(), abs=1e-6)
    arrays = fit_arrays(fitted, scores, np.arange(fitted.sizes["vertex"]))
    assert {"layer", "layer_weights", "r2", "q"} < set(arrays)
    np.testing.assert_array_equal(arrays["layer"][0], fitted["layer_selector"].argmax("layer"))


def test_provenance_says_what_it_was_made_of(subject, fitted):
    record = fitted.attrs["provenance"]
    assert (record["stage"], record["seed"]) == ("fit_banded", 2)
    assert record["inputs"] == {
        name: input_hash(path)
        for name, path in zip(("features", "responses"), subject, strict=True)
    }
    assert (record["settings"]["components"], record["settings"]["samples"]) == (6, 10)
    assert record["settings"]["penalties"] == pytest.approx(PENALTIES)
    assert record["settings"]["device"] == "cpu"


def test_the_same_seed_writes_the_same(subject, fitted, tmp_path):
    again = fit(subject, tmp_path / "fit.zarr", "--seed", "2")
    assert again.attrs["content_hash"] == fitted.attrs["content_hash"]


def test_half_of_the_images_and_shuffled_ones_are_variants(subject, fitted, tmp_path):
    half = fit(subject, tmp_path / "half.zarr", "--half", "a", "--readout", "half-a")
    assert (half.attrs["readout"], half.attrs["training_images"]) == ("half-a", 21)
    shuffled = fit(subject, tmp_path / "shuffled.zarr", "--shuffled")
    assert shuffled["r2_test"].mean() < 0.1 < fitted["r2_test"].mean()


def test_stores_of_another_kind_are_refused(subject, tmp_path):
    features, _ = subject
    with pytest.raises(CortexlensError, match=r"found a store of kind 'features'"):
        fit((features, features), tmp_path / "fit.zarr")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_an_error(subject, tmp_path):
    with pytest.raises(CortexlensError, match="device is 'cuda', but PyTorch finds no GPU"):
        fit(subject, tmp_path / "fit.zarr", "--device", "cuda")
