import json
import math

import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.sae.model import load_sae
from trained import write_seen

SPLIT = [0] * 20 + [1] * 2 + [2] * 6


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Two subjects that share pictures, and further pictures."""
    root = tmp_path_factory.mktemp("study")
    # The second saw pictures 10 to 37, of which the first had 10 to 21 for training or validation.
    write_seen(root, "s1", SPLIT)
    write_seen(root, "s2", SPLIT, first=10)
    write_seen(root, "further-pictures", None, first=100)
    return root


def learn(study, out, *subjects, **change):
    options = {"backbone": "net", "layer": "blocks.5", "tokens": "local", "expansion": 2}
    options |= {"k": 8, "epochs": 2, "batch-size": 64, **change}
    named = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    stores = [str(study / "features" / "net" / f"{who}.zarr") for who in subjects or ("s1",)]
    command = ["train-sae", *stores, "--subjects", str(study / "subjects"), *named]
    CliRunner().invoke(app, [*command, "--out", str(out)], catch_exceptions=False)
    return json.loads((out / "sae.json").read_text())


def test_an_autoencoder_is_written_with_what_it_is_worth(study, tmp_path):
    report = learn(study, tmp_path / "seed-0")
    sae = load_sae(tmp_path / "seed-0" / "sae.safetensors")
    assert vars(sae.about) == {
        **{"activation": "topk", "k": 8, "tokens": "local"},
        **{"backbone": "net", "layer": "blocks.5"},
    }
    assert (report["units"], report["channels"]) == (256, 128) == tuple(sae.encoder.weight.shape)
    assert (report["training_tokens"], report["test_tokens"]) == (20 * 16, 6 * 16)
    assert report["l0"] == pytest.approx(float(sae.frequency.sum())) == pytest.approx(8)
    assert 0 < report["explained"] < 1
    assert report["components"] == 8
    assert 0 < report["components_explained"] < 1
    assert report["recovered"] < 1
    assert report["recovered_images"] == 6
    history = pd.read_csv(tmp_path / "seed-0" / "history.tsv", sep="\t")
    assert history["steps"].tolist() == [10, 20]
    assert history["fvu"].is_monotonic_decreasing
    assert list(tmp_path.iterdir()) == [tmp_path / "seed-0"]


def test_pictures_count_once_and_none_of_another_subject_s_test(study, tmp_path):
    report = learn(study, tmp_path, "s1", "s2", "further-pictures")
    # 0 to 19 and 10 to 29 are for training, of which 20 to 29 are not of the first, and 10 to 37
    # hold validation at 20, 21 of the first and 30, 31 of the second, tests at 22 to 27, 32 to 37
    assert report["training_images"] == len({*range(20), *range(28, 30), *range(100, 112)})
    assert report["test_images"] == 12
    inputs = report["provenance"]["inputs"]
    assert "responses s2" in inputs
    assert "responses further-pictures" not in inputs


@pytest.mark.parametrize("activation", ["batchtopk", "jumprelu", "l1"])
def test_other_activations(study, tmp_path, activation):
    report = learn(study, tmp_path, activation=activation)
    assert report["activation"] == activation
    assert math.isfinite(report["explained"])


@pytest.mark.parametrize("tokens", ["class", "mean"])
def test_one_token_a_picture(study, tmp_path, tokens):
    report = learn(study, tmp_path, tokens=tokens, **{"batch-size": 8})
    assert report["training_tokens"] == report["training_images"] == 20
    assert report["recovered"] is not None


def test_places_of_the_last_layer_say_nothing_of_its_class_token(study, tmp_path):
    report = learn(study, tmp_path, layer="blocks.7")
    assert report["recovered"] is None
    assert report["components_recovered"] is None
    assert report["explained"] > 0


def test_memory_makes_no_difference(study, tmp_path):
    for name, memory in (("kept", 1), ("read", 1e-6)):
        learn(study, tmp_path / name, memory=memory)
    files = [(tmp_path / name / "sae.safetensors").read_bytes() for name in ("kept", "read")]
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer": "blocks.9"}, "found no layer 'blocks.9'; its layers are blocks.1, blocks.5"),
        ({"activation": "relu"}, "sae.activation is 'relu'; allowed: topk"),
        ({"tokens": "all"}, "sae.tokens is 'all'; allowed: class"),
    ],
)
def test_what_is_not_there_is_refused(study, tmp_path, change, message):
    with pytest.raises(CortexlensError, match=message):
        learn(study, tmp_path, **change)


def test_further_pictures_alone_leave_nothing_to_measure_on(study, tmp_path):
    with pytest.raises(CortexlensError, match=r"found 12 images .* and 0 test images"):
        learn(study, tmp_path, "further-pictures")
