"""The stage cluster_channels: from a fit, its model and its features to a store of clusters."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from channel_stores import with_groups
from cortexlens.cli import app
from cortexlens.encoding import ensemble
from cortexlens.encoding.ensemble import save_models
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset, write_dataset
from encoders import image_ids, write_features
from fits import stacked_fit, synthetic_fit

N, CHANNELS = 120, [5, 7]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """Paths of a fit of two layers and eight shared channels, of its model and its features."""
    folder = tmp_path_factory.mktemp("fitted")
    fit = with_groups(synthetic_fit("fsaverage5", N, n_layers=2))
    torch.manual_seed(0)
    model = FactorTopy(CHANNELS, N, 8)
    model.weight.data = torch.from_numpy(fit["channel_selector"].values)
    save_models([model], folder / "model.safetensors", {"grid": 2})
    rng = np.random.default_rng(0)
    tokens = [rng.standard_normal((30, 5, count)).astype(np.float16) for count in CHANNELS]
    write_features(folder / "features.zarr", tokens, image_ids(30))
    fit = fit.assign_coords(test_image=np.arange(3))
    write_dataset(fit, folder / "fit.zarr", kind="fit", provenance={})
    return folder


def cluster(folder, out, *options):
    command = ["cluster-channels", "--fit", folder / "fit.zarr"]
    command += ["--model", folder / "model.safetensors", "--features", folder / "features.zarr"]
    command += ["--out", folder / out, "--splits", "2", *options]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    return open_dataset(folder / out, kind="channels").load()


@pytest.mark.parametrize("metric", ["read", "raw"])
def test_groups_of_vertices_become_clusters(fitted, metric):
    found = cluster(fitted, f"{metric}.zarr", "--metric", metric, "--clusters", "4")
    group = np.arange(N) * 4 // N
    pairs = {(a, b) for a, b in zip(group, found["cluster"].values, strict=True)}
    assert len(pairs) == 4
    assert found["linkage"].shape == (3, 4)
    assert {"hemisphere", "vertex_index", "roi_mask", "space_selector"} <= set(found.variables)
    assert found.attrs["subject"] == "sim01"
    assert found.attrs["provenance"]["settings"]["metric"] == metric
    root = np.eye(8) if metric == "raw" else found["metric_root"].values
    assert (metric == "raw") == np.allclose(found["metric_root"].values, np.eye(8))
    weight = open_dataset(fitted / "fit.zarr", kind="fit")["channel_selector"].values
    np.testing.assert_allclose(found["channel_selector_read"].values, weight @ root, rtol=1e-4)


def test_a_stacked_fit_is_clustered_by_its_maps_of_all_layers(fitted, tmp_path, monkeypatch):
    group = np.arange(N) * 4 // N
    rng = np.random.default_rng(1)
    maps = [
        rng.standard_normal((4, count))[group] + 0.2 * rng.standard_normal((N, count))
        for count in CHANNELS
    ]
    model = SimpleNamespace(weights=lambda layer: maps[layer])
    monkeypatch.setattr(ensemble, "load_models", lambda path: ([model], {"grid": 2}))
    fit = stacked_fit(space="fsaverage5", n_vertices=N, n_layers=2)
    write_dataset(fit, tmp_path / "fit.zarr", kind="fit", provenance={})
    command = ["cluster-channels", "--fit", tmp_path / "fit.zarr", "--clusters", "4"]
    (tmp_path / "model").touch()
    command += ["--model", tmp_path / "model", "--features", fitted / "features.zarr"]
    command += ["--out", tmp_path / "channels.zarr", "--splits", "2"]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    found = open_dataset(tmp_path / "channels.zarr", kind="channels").load()
    pairs = {(a, b) for a, b in zip(group, found["cluster"].values, strict=True)}
    assert len(pairs) == 4
    assert found["axis_weight"].shape == (found.sizes["channel"], sum(CHANNELS))
    assert found.attrs["share_lost"] == pytest.approx(0, abs=1e-6)
    assert found.attrs["readout"] == "stacked"


def test_the_number_of_clusters_may_be_the_most_stable_one(fitted):
    found = cluster(fitted, "stable.zarr", "--clusters", "0", "--metric", "raw")
    assert found.sizes["cluster_id"] == found.attrs["most_stable"]
    excess = (found["stability"] - found["stability_shuffled"]).mean("split")
    assert found.attrs["most_stable"] == int(excess["number"][excess.values.argmax()])


def test_the_same_seed_gives_the_same_store(fitted):
    one, other = (cluster(fitted, f"{name}.zarr", "--seed", "3") for name in "ab")
    assert one.attrs["content_hash"] == other.attrs["content_hash"]


@pytest.mark.parametrize(
    ("options", "told"),
    [(("--metric", "cosine"), "allowed are read, raw"), (("--clusters", "100"), "found 100")],
)
def test_what_cannot_be_is_refused(fitted, options, told):
    write = fitted / "fit.zarr"
    few = open_dataset(write, kind="fit").load().isel(vertex=slice(0, 60))
    other = fitted / "few"
    other.mkdir(exist_ok=True)
    few.attrs.pop("provenance")
    write_dataset(few, other / "fit.zarr", kind="fit", provenance={})
    command = ["cluster-channels", "--fit", other / "fit.zarr", "--metric", "raw", *options]
    command += ["--model", fitted / "model.safetensors", "--features", fitted / "features.zarr"]
    with pytest.raises(CortexlensError, match=told):
        CliRunner().invoke(
            app, list(map(str, [*command, "--out", other / "x.zarr"])), catch_exceptions=False
        )
