import pickle

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from cortexlens.backbones.cache import fetched, split_weights
from cortexlens.backbones.checkpoints import (
    PACKAGED,
    load_weights,
    read_state_dict,
    state_hash,
    weights_path,
)
from cortexlens.backbones.fetch import addresses
from cortexlens.backbones.row import BackboneRow
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
        (lambda s: s.pop("2.weight"), r"'2.weight' missing \(9 in the network"),
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


def other_weights():
    return network(seed=5).state_dict()


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (("model", "model_ema"), "model_ema"),
        (("state_dict", "state_dict_ema"), "state_dict_ema"),
        (("student", "teacher"), "teacher"),
        (("net", "ema"), "net"),
    ],
)
def test_of_several_state_dicts_the_one_that_is_named_is_loaded(tmp_path, names, chosen):
    wanted = network().state_dict()
    content = {name: wanted if name == chosen else other_weights() for name in names}
    torch.save({**content, "epoch": 3}, tmp_path / "w.pth")
    with pytest.raises(CortexlensError, match=rf"holds several state dicts, {', '.join(names)}, "):
        load_weights(network(seed=1), tmp_path / "w.pth")
    fresh = network(seed=1)
    load_weights(fresh, tmp_path / "w.pth", chosen=chosen)
    assert state_hash(fresh) == state_hash(network())
    with pytest.raises(
        CortexlensError, match=rf"no state dict 'emma'; found {names[0]}, {names[1]}"
    ):
        load_weights(network(seed=1), tmp_path / "w.pth", chosen="emma")


def test_a_row_names_the_state_dict_and_its_file_is_what_jobs_depend_on(tmp_path):
    file = tmp_path / "w.pth"
    torch.save(
        {"model": other_weights(), "ema": {"decay": 0.9, "module": network().state_dict()}}, file
    )
    weights = f"{file}::ema::module"
    assert weights_path(weights) == file
    assert split_weights(weights) == (str(file), "ema::module")
    found = read_state_dict(file, chosen="ema::module")
    assert torch.equal(found["0.weight"], network().state_dict()["0.weight"])


def test_state_dicts_of_something_else_are_left_out_aloud(tmp_path, capsys):
    content = {"model": network().state_dict(), "criterion": {"weight": torch.ones(3)}}
    torch.save(content, tmp_path / "w.pth")
    fresh = network(seed=1)
    load_weights(fresh, tmp_path / "w.pth")
    assert state_hash(fresh) == state_hash(network())
    assert "w.pth: the state dict model is used; left out: criterion" in capsys.readouterr().err


def test_the_average_is_not_taken_because_the_model_is_damaged(tmp_path):
    damaged = {**network().state_dict(), "extra": None}
    torch.save({"model": damaged, "model_ema": other_weights()}, tmp_path / "w.pth")
    with pytest.raises(CortexlensError, match="holds several state dicts, model, model_ema"):
        read_state_dict(tmp_path / "w.pth")
    with pytest.raises(CortexlensError, match="entry 'extra' is a NoneType, not a tensor"):
        read_state_dict(tmp_path / "w.pth", chosen="model")


def test_tensors_outside_the_prefix_are_left_out_aloud(tmp_path, capsys):
    state = network().state_dict()
    flat = {
        f"{part}.{name}": value for part in ("model", "model_ema") for name, value in state.items()
    }
    torch.save({"state_dict": flat}, tmp_path / "w.pth")
    load_weights(network(seed=1), tmp_path / "w.pth", prefix="model.")
    told = capsys.readouterr().err
    assert "9 of 18 tensors do not begin with model. and are left out: those of model_ema" in told


def test_an_address_is_fetched_once_for_all_of_its_state_dicts():
    address = "https://example.org/w.pth"
    places = []
    for weights in (address, f"{address}::model", f"{address}::model_ema"):
        cells = {"source": "timm", "name": "vit", "weights": weights}
        places.append(fetched(cells, "cache"))
        row = BackboneRow("net", "timm", "vit", weights=weights)
        assert [each.url for each in addresses(row)] == [address]
    assert places[0] == places[1] == places[2]
