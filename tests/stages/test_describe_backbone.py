import json

import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError

ROW = {
    "backbone": "resnet20-cifar10",
    "source": "python",
    "name": "cortexlens.backbones.cifar_resnet:resnet20",
    "weights": "packaged:resnet20_cifar10",
    "layers": "layer[123].2",
    "input-size": "32",
    "mean": "0.485,0.456,0.406",
    "std": "0.229,0.224,0.225",
    "channel-order": "RGB",
    "pixel-range": "1",
    "interpolation": "bilinear",
    "global-token": "mean",
    "seed": "0",
}


def run(out, **change):
    columns = ROW | {name.replace("_", "-"): value for name, value in change.items()}
    options = [part for name, value in columns.items() for part in (f"--{name}", value)]
    return CliRunner().invoke(app, ["describe-backbone", *options, "--out", str(out)])


def test_a_description_says_all_that_shapes_the_tokens(tmp_path):
    result = run(tmp_path / "net.json")
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "net.json").read_text())
    assert found["layers"] == ["layer1.2", "layer2.2", "layer3.2"]
    assert found["channels"] == [16, 32, 64]
    assert found["map_sizes"] == [[32, 32], [16, 16], [8, 8]]
    assert found["preprocessing"]["interpolation"] == "bilinear"
    assert found["global_token"] == "mean"
    assert len(found["weights_sha256"]) == 64
    assert set(found["versions"]) == {"torch", "torchvision", "timm"}


def test_the_same_row_gives_the_same_bytes_and_other_weights_others(tmp_path):
    for name, change in (("a", {}), ("b", {}), ("c", {"weights": ""}), ("d", {"seed": "1"})):
        assert run(tmp_path / f"{name}.json", **change).exit_code == 0
    texts = [(tmp_path / f"{name}.json").read_text() for name in "abcd"]
    assert texts[0] == texts[1] == texts[3]
    assert "untrained, seed 0" in texts[2]
    assert json.loads(texts[2])["weights_sha256"] != json.loads(texts[0])["weights_sha256"]


@pytest.mark.parametrize(
    "change",
    [
        {"source": "keras"},
        {"weights": "packaged:resnet32_cifar10"},
        {"mean": "1,2"},
        {"layers": "layer9"},
    ],
)
def test_a_row_that_does_not_load_writes_nothing(tmp_path, change):
    result = run(tmp_path / "net.json", **change)
    assert isinstance(result.exception, CortexlensError)
    assert list(tmp_path.iterdir()) == []
