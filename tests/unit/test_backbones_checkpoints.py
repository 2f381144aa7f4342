import pickle

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from cortexlens.backbones.checkpoints import (
    PACKAGED,
    load_weights,
    read_state_dict,
    state_hash,
    weights_path,
)
from cortexlens.errors import CortexlensError


def network(seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))


def test_every_kind_of_file_gives_the_same_tensors(tmp_path):
    state = network().state_dict()
    wrapped = {f"module.{name}": tensor for name, tensor in state.items()}
    save_file(state, tmp_path / "a.safetensors")
    torch.save(state, tmp_path / "b.pt")
    torch.save({"state_dict": wrapped, "best_prec1": 91.8}, tmp_path / "c.th")
    torch.save({"model": wrapped, "epoch": 3}, tmp_path / "d.pth")
    for file in sorted(tmp_path.iterdir()):
        fresh = network(seed=1)
        assert state_hash(fresh) != state_hash(network())
        load_weights(fresh, file)
        assert state_hash(fresh) == state_hash(network()), file.name


def test_old_files_without_batch_counters_load(tmp_path):
    state = network().state_dict()
    del state["1.num_batches_tracked"]
    torch.save(state, tmp_path / "old.pt")
    load_weights(network(seed=1), tmp_path / "old.pt")


class Cuckoo:
    def __reduce__(self):
        return (print, ("executed",))


@pytest.mark.parametrize(
    "content", [network(), Cuckoo(), {"state_dict": {"a": Cuckoo()}}, [1, 2], {}, {"lr": 0.1}]
)
def test_nothing_but_tensors_is_taken_and_nothing_executed(tmp_path, content, capsys):
    torch.save(content, tmp_path / "bad.pt")
    with pytest.raises(CortexlensError, match=r"bad\.pt"):
        read_state_dict(tmp_path / "bad.pt")
    assert "executed" not in capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".th"])
@pytest.mark.parametrize(
    "data", [b"", b"no weights at all", pickle.dumps([1], protocol=2), b"\x80\x02)R."]
)
def test_a_file_of_something_else_is_one_line(tmp_path, suffix, data):
    file = tmp_path / f"broken{suffix}"
    file.write_bytes(data)
    with pytest.raises(CortexlensError, match="broken"):
        read_state_dict(file)


def test_missing_unexpected_and_misshapen_tensors_are_named(tmp_path):
    for change, message in (
        (lambda s: s.pop("2.weight"), "'2.weight' missing, of"),
        (lambda s: [s.pop("2.weight"), s.pop("2.bias")], "'2.weight' and 1 more missing"),
        (lambda s: s.update({"head": torch.ones(1)}), "'head' not the network's"),
        (lambda s: s.update({"2.bias": torch.ones(3)}), r"'2.bias' has shape \(3,\).*needs \(2,\)"),
    ):
        state = dict(network().state_dict())
        change(state)
        torch.save(state, tmp_path / "weights.pt")
        before = network()
        with pytest.raises(CortexlensError, match=message):
            load_weights(before, tmp_path / "weights.pt")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("packaged:resnet57", "resnet56_cifar10"),
        ("packaged:../weights/resnet56_cifar10", "do not come with"),
        ("packaged:", "do not come with"),
        ("nowhere.pt", "no such file"),
        ("imagenet", "packaged:NAME"),
    ],
)
def test_weights_that_are_not_there(weights, message):
    with pytest.raises(CortexlensError, match=message):
        weights_path(weights)


def test_packaged_weights_are_listed_with_their_hashes():
    import hashlib

    listed = dict(
        reversed(line.split("  "))
        for line in (PACKAGED / "WEIGHTS.md").read_text().splitlines()
        if line.endswith(".safetensors")
    )
    foreign = [file for file in PACKAGED.glob("*.safetensors") if "demo-" not in file.name]
    assert {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in foreign} == listed


def test_no_file_is_read_for_untrained_and_pretrained():
    assert weights_path(None) is None
    assert weights_path("pretrained") is None
    assert weights_path("packaged:resnet20_cifar10") == PACKAGED / "resnet20_cifar10.safetensors"
