"""Weights are fetched whole or not at all; nothing here leaves this machine."""

import hashlib
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
from torch import nn

from cortexlens.backbones import fetch
from cortexlens.backbones.cache import fetched, is_present, present_folder
from cortexlens.backbones.checkpoints import load_weights
from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.errors import CortexlensError


class Cuckoo:
    def __reduce__(self):
        return (print, ("executed",))


def saved(content):
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


GOOD = saved({"state_dict": {"module.a.weight": torch.ones(2, 2)}})
FILES = {
    "good.pth": GOOD,
    f"good-{hashlib.sha256(GOOD).hexdigest()[:8]}.pth": GOOD,
    "wrong-0123abcd.pth": GOOD,
    "page.pth": b"<html>sign in</html>",
    "code.pth": saved({"a": Cuckoo()}),
    "cut.pth": GOOD,
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/")
        if name not in FILES:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(FILES[name])))
        self.end_headers()
        self.server.asked.append(name)
        self.wfile.write(FILES[name][: 100 if name == "cut.pth" else None])

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def row(server, name, **columns):
    weights = f"http://127.0.0.1:{server.server_port}/{name}"
    return BackboneRow.from_columns(
        {"backbone": "net", "source": "timm", "name": "test_vit", "weights": weights} | columns
    )


def test_a_file_is_fetched_once_with_its_checksum(server, tmp_path):
    wanted = row(server, "good.pth")
    before = len(server.asked)
    files = fetch.fetch_weights(wanted, str(tmp_path))
    assert files == {"good.pth": hashlib.sha256(GOOD).hexdigest()}
    assert fetch.fetch_weights(wanted, str(tmp_path), offline=True) == files
    assert len(server.asked) == before + 1
    folder = present_folder("net", wanted.__dict__, str(tmp_path))
    record = json.loads((folder / "record.json").read_text())
    assert record == {"origin": wanted.weights, "files": files}


def test_a_checksum_in_the_name_is_compared(server, tmp_path):
    good = next(name for name in FILES if name.startswith("good-"))
    assert fetch.fetch_weights(row(server, good), str(tmp_path))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.pth", "404"),
        ("wrong-0123abcd.pth", "published one with 0123abcd"),
        ("cut.pth", r"ended after 100 of|could not be fetched"),
        ("page.pth", "not a readable PyTorch file|Python objects"),
        ("code.pth", "not executed"),
    ],
)
def test_what_fails_is_one_line_and_leaves_nothing(server, tmp_path, name, message, capsys):
    wanted = row(server, name)
    with pytest.raises(CortexlensError, match=message) as error:
        fetch.fetch_weights(wanted, str(tmp_path))
    assert "\n" not in str(error.value)
    assert not is_present(fetched(wanted.__dict__, str(tmp_path)), "timm")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert "executed\n" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nf_resnet26", "nf_resnet26 has no published weights. Name one of timm's networks"),
        (
            "vit_tiny_patch16_224_in21k",
            r"allowed: vit_tiny_patch16_224\.augreg_in21k, the present name",
        ),
    ],
)
def test_weights_that_nobody_published_are_known_without_a_network(name, message):
    with pytest.raises(CortexlensError, match=message):
        fetch.check_published(BackboneRow("net", "timm", name, "pretrained"))
    known = fetch.check_published(BackboneRow("net", "timm", "test_vit", "pretrained"))
    assert known == {"hf_hub": "timm/test_vit.r160_in1k"}


def test_an_address_without_a_server_is_one_line(tmp_path):
    wanted = BackboneRow("net", "timm", "test_vit", "http://127.0.0.1:9/a.pth")
    with pytest.raises(CortexlensError, match=r"127\.0\.0\.1:9/a\.pth: could not be fetched"):
        fetch.fetch_weights(wanted, str(tmp_path))


def test_offline_says_what_is_missing_and_where_to_put_it(server, tmp_path):
    wanted = row(server, "good.pth")
    with pytest.raises(CortexlensError, match="not in the cache") as error:
        fetch.fetch_weights(wanted, str(tmp_path), offline=True)
    assert wanted.weights in str(error.value)
    assert str(tmp_path / "url") in str(error.value)


def test_a_file_that_changed_after_it_was_fetched_is_refused(server, tmp_path):
    wanted = row(server, "good.pth")
    fetch.fetch_weights(wanted, str(tmp_path))
    file = next(tmp_path.rglob("*.pth"))
    file.write_bytes(saved({"b": torch.zeros(1)}))
    with pytest.raises(CortexlensError, match="damaged or replaced"):
        fetch.fetch_weights(wanted, str(tmp_path))
    with pytest.raises(CortexlensError, match="damaged or replaced"):
        load_backbone(wanted, cache=str(tmp_path))


def moco(tmp_path, **extra):
    """A checkpoint as MoCo v3 keeps one: two encoders, with heads that the network has not."""
    network = nn.Sequential(nn.Linear(2, 3))
    state = {"0.weight": torch.ones(3, 2), "0.bias": torch.zeros(3), "head.0": torch.ones(1)}
    both = {
        f"module.{encoder}.{name}": value
        for encoder in ("base_encoder", "momentum_encoder")
        for name, value in (state | extra).items()
    }
    torch.save({"epoch": 300, "arch": "vit", "state_dict": both}, tmp_path / "moco.pth.tar")
    return network, tmp_path / "moco.pth.tar"


def test_a_prefix_picks_one_encoder_and_a_head_is_left_out_by_name(tmp_path):
    network, path = moco(tmp_path)
    load_weights(network, path, "module.base_encoder.", "head.*")
    assert network[0].weight.unique().tolist() == [1]


@pytest.mark.parametrize(
    ("prefix", "without", "message"),
    [
        ("module.base_encoder.", None, "'head.0' not the network's"),
        ("module.encoder.", "head.*", "no tensor has a name that begins with"),
        ("module.base_encoder.", "heads.*", "matches no tensor"),
        ("module.base_encoder.", "head.*,0.bias", "'0.bias' missing"),
        (None, None, "missing"),
    ],
)
def test_half_a_network_is_never_loaded(tmp_path, prefix, without, message):
    network, path = moco(tmp_path)
    with pytest.raises(CortexlensError, match=message):
        load_weights(network, path, prefix, without)
