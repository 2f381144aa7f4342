"""A network of one's own, mapped from a script."""

import numpy as np
import pytest
import torch
import yaml
import zarr
from torch import nn

import cortexlens
from cortexlens.api import map_network as module
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import write_dataset
from fits import stacked_fit
from studies import REPOSITORY, SIMULATED, write_study
from trees import table_tree


class Own(nn.Module):
    """Three convolutions, and a head that no map needs."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 4, 5, 2), nn.ReLU(), nn.Conv2d(4, 6, 3, 2), nn.ReLU(), nn.Conv2d(6, 8, 3)
        )
        self.head = nn.Linear(8, 2)

    def forward(self, pictures):
        return self.head(self.body(pictures).mean((2, 3)))


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    row = table_tree(tmp_path / "data", n_images=40)
    config = {
        **SIMULATED,
        "study": "own",
        "dataset": {"kind": "table", "root": "data"},
        "features": {"grid": 2},
        "encoder": {"epochs": 2, "dimensions": 8},
    }
    return write_study(tmp_path, config, [row])


SHOWN = {"input_size": 48, "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}


def test_a_network_is_mapped_in_one_call(study, tmp_path):
    torch.manual_seed(0)
    network = Own().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    found = cortexlens.map_network(network, study, layers="body.0,body.2,body.4", **SHOWN)
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert found.fit["layer"].values.tolist() == ["body.0", "body.2", "body.4"]
    np.testing.assert_allclose(found.fit["layer_selector"].sum("layer"), 1, rtol=1e-5)
    assert set(found.figures) == {"layer", "space", "scale", "r2"}
    assert found.fit.attrs["provenance"]["stage"] == "fit_encoder"
    kept = tmp_path / "results" / "own" / "features" / "my-network" / "a.zarr" / "zarr.json"
    made = kept.stat().st_mtime_ns
    again = cortexlens.map_network(network, study, layers="body.0,body.2,body.4", **SHOWN)
    assert kept.stat().st_mtime_ns == made
    np.testing.assert_array_equal(again.fit["layer_selector"], found.fit["layer_selector"])
    with torch.no_grad():
        network.body[0].weight += 0.1
    cortexlens.map_network(network, study, layers="body.0,body.2,body.4", **SHOWN)
    assert kept.stat().st_mtime_ns > made


def test_the_main_readout_of_the_study_is_fitted(study, monkeypatch):
    config = yaml.safe_load(study.read_text())
    config["runs"] = [{"backbones": "all", "subjects": "all", "readouts": ["stacked"]}]
    config["stacked"] = {"sizes": [0, 1.5], "draws": 30}
    study.write_text(yaml.safe_dump(config))
    given = {}

    def run(stage, *settings):
        for each in settings:
            given.setdefault(stage, {}).update(each)
        if stage == "fit_stacked":
            fit = stacked_fit(n_vertices=40, n_layers=3, space=None)
            write_dataset(fit, given[stage]["out"], kind="fit", provenance={})
        else:
            run_stage(stage, *settings)

    run_stage = module._run
    monkeypatch.setattr(module, "_run", run)
    found = cortexlens.map_network(Own(), study, layers="body.0,body.2,body.4", **SHOWN)
    asked = given["fit_stacked"]
    assert (asked["readout"], asked["sizes"], asked["draws"]) == ("stacked", [0, 1.5], 30)
    assert asked["out"].parts[-4:] == ("stacked", "my-network", "a", "fit.zarr")
    assert set(found.figures) == {"layer", "space", "scale", "r2", "size"}


def test_faults_are_named(study):
    with pytest.raises(CortexlensError, match=r"subject 'x' is not in .*; allowed are a"):
        cortexlens.map_network(Own(), study, "x", **SHOWN)
    with pytest.raises(CortexlensError, match=r"'none', which is not a module of"):
        cortexlens.map_network(Own(), study, layers="none", **SHOWN)
    with pytest.raises(AttributeError, match="no attribute 'map_networks'"):
        _ = cortexlens.map_networks


def test_the_script_of_the_user_guide_runs(study, tmp_path):
    guide = (REPOSITORY / "docs" / "user_guide.md").read_text()
    script = guide.partition("```python\n")[2].partition("```")[0]
    assert "cortexlens.map_network" in script
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "mine").symlink_to(study.parent)
    torch.manual_seed(0)
    exec(compile(script, "user_guide.md", "exec"), {})
    assert (tmp_path / "layer.png").stat().st_size > 10_000


class Slope(nn.Module):
    """An activation with a slope that is neither a weight nor part of the class's text."""

    def __init__(self, slope):
        super().__init__()
        self.slope = slope

    def forward(self, x):
        return nn.functional.leaky_relu(x, self.slope)


def test_features_follow_what_neither_weights_nor_code_show(study, tmp_path):
    folder = tmp_path / "results" / "own" / "features" / "my-network" / "a.zarr"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Conv2d(3, 4, 5, 2), Slope(0.0))
    smallest = []
    for network[1].slope in (0.0, 0.5):
        cortexlens.map_network(network, study, layers="1", **SHOWN)
        smallest.append(zarr.open_group(folder, mode="r")["layer_000"][:].min())
    assert smallest[0] == 0
    assert smallest[1] < 0
