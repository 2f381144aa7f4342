"""The demo zoo's architecture, and the weights that ship."""

import numpy as np
import pytest
import torch

from cortexlens.backbones import zoo
from cortexlens.backbones.training.run import READ_OUT_SCENES
from cortexlens.errors import CortexlensError

FOUR_MEGABYTES = 4_000_000
SHIPPED = [
    zoo.WEIGHTS / f"demo-{task}.safetensors"
    for task, architecture in zoo.ARCHITECTURE_OF.items()
    if architecture == "vit-demo"
]
each_shipped = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)


def test_architecture_has_class_token_and_grid_of_patches() -> None:
    network = zoo.build("vit-demo").eval()
    with torch.no_grad():
        tokens = network.forward_features(torch.zeros(2, 3, 96, 96))
    assert tokens.shape == (2, 1 + 12 * 12, 128)
    assert len(network.blocks) == 8
    assert network.blocks[0].attn.num_heads == 4


def test_same_seed_same_network() -> None:
    weights = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        weights.append(zoo.build("vit-demo").blocks[0].mlp.fc1.weight)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_unknown_architecture_is_one_line_with_choices() -> None:
    with pytest.raises(CortexlensError, match=r"'vit-huge'.*vit-demo"):
        zoo.build("vit-huge")


def test_network_and_facts_survive_their_file(tmp_path) -> None:
    torch.manual_seed(0)
    network = zoo.build("vit-demo").eval()
    zoo.save_network(network, tmp_path / "x.safetensors", {"task": "none", "seed": 0})
    again = zoo.load_network(tmp_path / "x.safetensors")
    assert zoo.read_facts(tmp_path / "x.safetensors") == {"task": "none", "seed": 0}
    x = torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(again(x), network(x), rtol=0.02, atol=0.02)


@each_shipped
def test_shipped_weights_are_small_and_load(path) -> None:
    assert path.stat().st_size <= FOUR_MEGABYTES
    network = zoo.load_network(path)
    x = torch.randn(4, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        summary = network(x)
    assert torch.isfinite(summary).all()
    # far above rounding: the class token depends on the picture
    assert summary.std(dim=0).mean() > 0.01


@each_shipped
def test_shipped_weights_tell_how_they_were_made(path) -> None:
    facts = zoo.read_facts(path)
    assert facts["network"] == path.stem
    assert facts["n_train"] >= READ_OUT_SCENES
    assert {"seed", "recipe", "figures", "provenance"} <= facts.keys()
    assert {"torch", "timm"} <= facts["provenance"]["versions"].keys()


def test_shipped_supervised_network_names_fresh_scenes_better(tmp_path) -> None:
    from cortexlens.backbones.training.pool import read_pool
    from cortexlens.backbones.training.probes import (
        features,
        mean_average_precision,
        read_out,
    )
    from cortexlens.backbones.training.supervised import presence
    from cortexlens.stages.draw_scenes import draw_scenes

    draw_scenes(tmp_path / "scenes", n_scenes=240, seed=987)
    pool = read_pool(tmp_path / "scenes")
    learn, test = pool.part(0, 160), pool.part(160, 240)
    torch.manual_seed(0)
    networks = {
        "untrained": zoo.build("vit-demo"),
        "trained": zoo.load_network(zoo.WEIGHTS / "demo-supervised.safetensors"),
    }
    precision = {}
    for name, network in networks.items():
        seen = features(network, learn.pixels), features(network, test.pixels)
        scores = read_out(seen[0], presence(learn).astype(np.float64), seen[1])
        precision[name] = mean_average_precision(scores, presence(test))
    assert precision["trained"] > precision["untrained"] + 0.1
