"""Fine-tuning: what learns, how fast, and that a run which was stopped goes on as if it had not."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from cortexlens.backbones.network import Backbone, load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.sources import Built
from cortexlens.errors import CortexlensError
from cortexlens.finetuning import train as training
from cortexlens.finetuning.examples import Examples
from cortexlens.finetuning.measures import accuracy, commonest_share
from cortexlens.finetuning.settings import Settings
from cortexlens.finetuning.train import train_network
from cortexlens.finetuning.tuner import Tuner, depths

ROW = BackboneRow(
    "tiny",
    "python",
    "nets:tiny",
    layers="0,1,4,7",
    input_size=16,
    mean=(0.5, 0.5, 0.5),
    std=(0.5, 0.5, 0.5),
)
QUICK = {"steps": 12, "learning_rate": 3e-3, "head_lr_multiplier": 10.0, "validation_interval": 4}


def tiny():
    """Three convolutions; the layers 1 and 7 that are read have no weights."""
    torch.manual_seed(3)
    network = nn.Sequential(
        *(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.BatchNorm2d(8)),
        *(nn.Dropout(0.1), nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8)),
        *(nn.Conv2d(8, 12, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1200, 5)),
    )
    return network.eval().requires_grad_(False)


def backbone():
    return Backbone(ROW, Built(tiny(), None, "test"), "cpu")


def examples(preprocess, n=24, seed=0):
    """Reddish and greenish noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    pixels = rng.integers(0, 160, (n, 16, 16, 3))
    pixels[np.arange(n), :, :, labels] += 40
    pictures = [Image.fromarray(each.astype(np.uint8)) for each in pixels]
    return Examples(pictures, labels.astype(np.int64), preprocess)


def tuned(folder, key="key", **changes):
    """Fine-tune the tiny network; gives the tuner and what was noted."""
    settings = Settings(**{**QUICK, **changes})
    own = backbone()
    tuner = Tuner(own, 2, settings)
    learn, test = examples(own.preprocess), examples(own.preprocess, seed=1)
    return tuner, train_network(tuner, learn, test, settings, folder, key)


def changed(tuner):
    before = tiny().state_dict()
    return {name for name, value in tuner.backbone_state().items() if (value != before[name]).any()}


def test_a_network_learns_and_its_best_weights_are_kept(tmp_path):
    tuner, progress = tuned(tmp_path, steps=40, checkpoints=(10,))
    steps = [row["step"] for row in progress.history]
    assert steps == list(range(0, 41, 4))
    assert np.isnan(progress.history[0]["training_loss"])
    assert progress.history[-1]["training_loss"] < progress.history[1]["training_loss"]
    assert progress.best_row["balanced_accuracy"] > 0.9
    assert list(progress.kept) == [10]
    assert set(progress.best) == set(tiny().state_dict()) == set(tuner.backbone_state())


def test_what_comes_after_the_last_layer_stays_as_it_was(tmp_path):
    tuner, _ = tuned(tmp_path)
    names = changed(tuner)
    assert {"0.weight", "2.weight", "4.weight", "5.bias", "6.weight"} <= names
    assert not names & {"9.weight", "9.bias"}


def test_a_linear_probe_leaves_the_network_as_it_was(tmp_path):
    tuner, progress = tuned(tmp_path, trained="head", norm_statistics="batch", steps=40)
    assert changed(tuner) == set()
    assert progress.history[-1]["training_loss"] < progress.history[1]["training_loss"]


def test_frozen_layers_stay_with_their_statistics(tmp_path):
    tuner, _ = tuned(tmp_path, frozen_layers=3, norm_statistics="batch")
    assert {name.partition(".")[0] for name in changed(tuner)} == {"5", "6"}


@pytest.mark.parametrize("kept", ["fixed", "batch"])
def test_statistics_of_batch_normalisation(tmp_path, kept):
    tuner, _ = tuned(tmp_path, norm_statistics=kept)
    moved = {name for name in changed(tuner) if "running" in name or "tracked" in name}
    assert bool(moved) == (kept == "batch")
    assert "2.weight" in changed(tuner)


def test_depth_counts_layers_without_weights_too():
    found = depths(tiny(), ["0", "1", "4", "7"])
    assert {name: depth for name, depth in found.items() if name.endswith("weight")} == {
        **{"0.weight": 0, "2.weight": 2, "4.weight": 2},
        **{"5.weight": 3, "6.weight": 3, "9.weight": 4},
    }


def test_rates_fall_from_layer_to_layer():
    settings = Settings(learning_rate=1.0, head_lr_multiplier=3.0, layer_decay=0.5)
    tuner = Tuner(backbone(), 2, settings)
    rates = {id(p): group["lr"] for group in tuner.groups() for p in group["params"]}
    weights = dict(tuner.network.named_parameters())
    assert rates[id(tuner.head.weight)] == 3.0
    assert [rates[id(weights[name])] for name in ("6.weight", "4.weight", "0.bias")] == [
        *(0.5, 0.25, 0.5**4)
    ]
    # every number that learns is in one group
    learning = [p for p in tuner.parameters() if p.requires_grad]
    assert sorted(rates) == sorted(map(id, learning))


def test_updates_of_low_rank_are_merged_under_the_base_names(tmp_path):
    tuner, _ = tuned(tmp_path, trained="lora", lora_rank=2)
    state, before = tuner.backbone_state(), tiny().state_dict()
    assert changed(tuner) == {"0.weight", "4.weight", "6.weight"}
    for name in ("0.weight", "4.weight", "6.weight"):
        difference = (state[name] - before[name]).flatten(1)
        assert torch.linalg.matrix_rank(difference, atol=1e-6) <= 2, name
    plain = tiny()
    plain.load_state_dict(state)
    picture = torch.rand(2, 3, 16, 16)
    tuner.eval()
    with torch.no_grad():
        expected = plain[:8](picture).mean((2, 3))
        torch.testing.assert_close(tuner.backbone.last_token(picture), expected)


def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path):
    one, two, other = (
        tuned(tmp_path / name, seed=seed)[0].backbone_state()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("trained", ["all", "lora"])
def test_a_run_that_was_stopped_ends_as_one_that_was_not(tmp_path, monkeypatch, trained):
    changes = {"trained": trained, "norm_statistics": "batch", "checkpoints": (3, 9)}
    whole, expected = tuned(tmp_path / "whole", **changes)
    step = training._step

    def stopping(tuner, optimiser, learn, number, settings):
        if number == 11:
            raise KeyboardInterrupt
        return step(tuner, optimiser, learn, number, settings)

    monkeypatch.setattr(training, "_step", stopping)
    with pytest.raises(KeyboardInterrupt):
        tuned(tmp_path / "cut", **changes)
    calls = []
    monkeypatch.setattr(training, "_step", lambda *given: calls.append(given[3]) or step(*given))
    cut, found = tuned(tmp_path / "cut", **changes)
    assert calls == [9, 10, 11, 12]
    np.testing.assert_equal(found.history, expected.history)
    for one, two in (
        (cut.state_dict(), whole.state_dict()),
        (found.best, expected.best),
        (found.kept[3], expected.kept[3]),
        (found.kept[9], expected.kept[9]),
    ):
        assert set(one) == set(two)
        assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_checkpoint_of_something_else_is_left_out(tmp_path, capsys):
    tuned(tmp_path, key="one")
    tuned(tmp_path, key="two")
    assert "starting from the beginning" in capsys.readouterr().err
    (tmp_path / training.STATE).write_bytes(b"half a file")
    _, progress = tuned(tmp_path, key="two")
    assert "the checkpoint cannot be read" in capsys.readouterr().err
    assert progress.step == 12


def test_a_training_that_diverges_says_so(tmp_path):
    with pytest.raises(CortexlensError, match=r"the training diverged in step \d+: its loss is "):
        tuned(tmp_path, learning_rate=1e30, steps=40)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trained": "half"}, "trained is 'half'; allowed: all, head, lora"),
        ({"augmentation": "turn"}, "augmentation is 'turn'"),
        ({"checkpoints": (3, 90)}, "found step 90; allowed are steps from 1 to 12"),
        ({"frozen_layers": 5}, "frozen_layers is 5; this network has 4 layers"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, change, words):
    with pytest.raises(CortexlensError, match=words):
        tuned(tmp_path, **change)


def test_pictures_are_mirrored_at_random_and_each_is_shown_once_a_pass():
    settings = Settings(batch_size=4)
    drawn = [training._draw(10, step, settings) for step in range(1, 6)]
    rows = [row for own, _ in drawn for row in own]
    assert sorted(rows[:10]) == sorted(rows[10:]) == list(range(10))
    assert rows[:10] != rows[10:]
    turned = [turn for _, own in drawn for turn in own]
    assert 4 <= sum(turned) <= 16
    assert training._draw(10, 1, Settings(augmentation="none"))[1] == []
    own = examples(backbone().preprocess)
    plain, mirrored = own.batch([3, 4])[0], own.batch([3, 4], [False, True])[0]
    assert torch.equal(plain[0], mirrored[0])
    assert torch.equal(plain[1].flip(-1), mirrored[1])


def test_balanced_accuracy_is_the_mean_of_the_classes():
    true, found = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 0])
    assert accuracy(true, found) == (4 / 6, (3 / 4 + 1 / 2) / 2)
    assert commonest_share(true) == 4 / 6


@pytest.mark.parametrize(
    ("source", "name", "layers"),
    [
        ("zoo", "vit-demo", "all"),
        ("timm", "test_vit", "all"),
        ("timm", "test_resnet", "all"),
        ("torchvision", "squeezenet1_1", "features.3,features.12"),
        ("open_clip", "ViT-S-32-alt", "all"),
        ("python", "cortexlens.backbones.cifar_resnet:resnet20", "layer1.1,layer3.2"),
    ],
)
def test_networks_of_every_source_are_tuned_and_loaded_again(tmp_path, source, name, layers):
    own = {"input_size": 32, "mean": (0.5,) * 3, "std": (0.5,) * 3} if source == "python" else {}
    row = BackboneRow("net", source, name, layers=layers, **own)
    base = load_backbone(row)
    picture = torch.rand(1, 3, base.preprocess.input_size, base.preprocess.input_size)
    before = base.tokens(picture)
    tuner = Tuner(base, 2, Settings())
    settings = Settings(steps=1, batch_size=2, learning_rate=1e-3, augmentation="none")
    pictures = examples(base.preprocess, n=4)
    pictures.pictures[:] = [each.resize((picture.shape[-1],) * 2) for each in pictures.pictures]
    train_network(tuner, pictures, pictures, settings, tmp_path, "key")
    tuner.eval()
    after = base.tokens(picture)
    assert not torch.equal(after[-1].global_token, before[-1].global_token)
    path = tmp_path / "tuned.safetensors"
    save_file({name: each.contiguous() for name, each in tuner.backbone_state().items()}, path)
    again = load_backbone(BackboneRow("net", source, name, layers=layers, tuned=str(path), **own))
    for one, two in zip(again.tokens(picture), after, strict=True):
        torch.testing.assert_close(one.local_map, two.local_map)
        torch.testing.assert_close(one.global_token, two.global_token)
