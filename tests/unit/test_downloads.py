"""Weights are fetched whole or not at all, kept, verified, and never read from the network."""

import hashlib
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from cortexlens.backbones.downloads import Origin, fetch_weights, missing_line, origin_of
from cortexlens.backbones.locations import cache_folder, cached_weights
from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.torchvision_shim import prepare
from cortexlens.errors import CortexlensError

prepare()
import timm  # noqa: E402

TINY = {"num_classes": 0, "embed_dim": 16, "depth": 2, "num_heads": 2}


class Server(BaseHTTPRequestHandler):
    """Serves files out of a table; promises more than it sends where it is told to."""

    def __init__(self, files, *arguments):
        self.files = files
        super().__init__(*arguments)

    def do_GET(self):
        content = self.files.get(self.path)
        self.send_response(200 if content is not None else 404)
        short = self.path.startswith("/short")
        self.send_header("Content-Length", str(len(content or b"") + 100 * short))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def site():
    """A server on this machine; a table of what it serves, and its address."""
    files = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, files))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield files, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def state(tmp_path, prefix="", extra=()):
    """Bytes of a checkpoint of a tiny vision transformer, and the network."""
    torch.manual_seed(3)
    network = timm.create_model("vit_tiny_patch16_224", **TINY)
    tensors = {f"{prefix}{name}": value for name, value in network.state_dict().items()}
    tensors |= {name: torch.zeros(2) for name in extra}
    path = tmp_path / "made.pth"
    torch.save({"epoch": 3, "state_dict": tensors}, path)
    return path.read_bytes(), network.eval()


def row(url, **columns):
    options = ",".join(f"{name}={value}" for name, value in TINY.items())
    return BackboneRow("net", "timm", "vit_tiny_patch16_224", url, options=options, **columns)


def test_a_checkpoint_is_fetched_once_and_loaded_from_the_cache(site, tmp_path):
    files, address = site
    prefix = "module.base_encoder."
    extra = ["module.momentum_encoder.cls_token", f"{prefix}head.0.weight"]
    files["/moco.pth.tar"], network = state(tmp_path, prefix, extra)
    wanted = row(f"{address}/moco.pth.tar", weights_prefix=prefix)
    cache = tmp_path / "cache"
    found = fetch_weights(wanted, cache)
    assert found["origin"] == f"{address}/moco.pth.tar"
    assert found["files"] == {"moco.pth.tar": hashlib.sha256(files["/moco.pth.tar"]).hexdigest()}
    files.clear()  # from now on the network gives nothing
    assert fetch_weights(wanted, cache) == found
    loaded = load_backbone(wanted, cache=cache)
    picture = torch.rand(2, 3, 224, 224)
    tokens = network.blocks[0](network._pos_embed(network.patch_embed(picture)))
    with torch.no_grad():
        found = loaded.tokens(picture)[0]
    torch.testing.assert_close(found.local_map.flatten(2).mT, tokens[:, 1:], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(found.global_token, tokens[:, 0], rtol=1e-5, atol=1e-5)


def test_what_has_changed_in_the_cache_is_refused(site, tmp_path):
    files, address = site
    files["/a.pth"], _ = state(tmp_path)
    wanted = row(f"{address}/a.pth")
    fetch_weights(wanted, tmp_path / "cache")
    path = cached_weights(wanted, tmp_path / "cache")
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(CortexlensError, match=r"a\.pth: is not what came from http.* Delete"):
        fetch_weights(wanted, tmp_path / "cache")


def test_a_file_put_there_by_hand_counts(tmp_path):
    content, _ = state(tmp_path)
    wanted = row("https://nowhere.example/b.pth")
    folder = cache_folder(wanted, tmp_path / "cache")
    assert str(folder) in missing_line(wanted, tmp_path / "cache")
    assert "https://nowhere.example/b.pth" in missing_line(wanted, tmp_path / "cache")
    folder.mkdir(parents=True)
    (folder / "b.pth").write_bytes(content)
    assert fetch_weights(wanted, tmp_path / "cache")["origin"] == "put there by hand"
    assert len(load_backbone(wanted, cache=tmp_path / "cache").layer_names) == 2


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/none.pth", r"could not be fetched \(HTTP Error 404"),
        ("/short.pth", r"could not be fetched \(.*retrieval incomplete"),
        ("/page.html", r"has to end in \.safetensors"),
    ],
)
def test_a_download_that_fails_leaves_no_file(site, tmp_path, path, message):
    files, address = site
    files["/short.pth"], _ = state(tmp_path)
    files["/page.html"] = b"<html>"
    wanted = row(address + path)
    with pytest.raises(CortexlensError, match=message):
        fetch_weights(wanted, tmp_path / "cache")
    assert cached_weights(wanted, tmp_path / "cache") is None


def test_a_wrong_checksum_leaves_no_file(site, tmp_path, monkeypatch):
    files, address = site
    files["/a.pth"], _ = state(tmp_path)
    wanted = row(f"{address}/a.pth")
    origin = Origin(url=f"{address}/a.pth", hash_start="0123456789")
    monkeypatch.setattr("cortexlens.backbones.downloads.origin_of", lambda _: origin)
    with pytest.raises(CortexlensError, match="publisher says 0123456789"):
        fetch_weights(wanted, tmp_path / "cache")
    assert cached_weights(wanted, tmp_path / "cache") is None


def test_no_checkpoint_and_half_a_checkpoint_are_refused(site, tmp_path):
    files, address = site
    files["/page.pth"] = b"<html>not found</html>"
    files["/half.pth"], _ = state(tmp_path, extra=["surplus"])
    files["/other.pth"], _ = state(tmp_path, "encoder.")
    for name, prefix, message in (
        ("page", None, "no readable PyTorch file|not executed"),
        ("half", None, "tensor 'surplus' not the network's"),
        ("other", "backbone.", r"no tensor's name begins with 'backbone\.'.*encoder\."),
    ):
        wanted = row(f"{address}/{name}.pth", weights_prefix=prefix)
        fetch_weights(wanted, tmp_path / "cache")
        with pytest.raises(CortexlensError, match=message):
            load_backbone(wanted, cache=tmp_path / "cache")


@pytest.mark.parametrize(
    ("source", "name", "place"),
    [
        ("timm", "samvit_huge_patch16.sa1b", "huggingface.co/timm/samvit_huge_patch16.sa1b model"),
        ("torchvision", "vit_b_16", "https://download.pytorch.org/models/vit_b_16-c867db91.pth"),
        ("open_clip", "ViT-L-14/datacomp_xl_s13b_b90k", "huggingface.co/laion/CLIP-ViT-L-14-DataC"),
        ("diffusers", "a/b", "huggingface.co/a/b"),
    ],
)
def test_libraries_know_where_their_weights_are(source, name, place):
    assert str(origin_of(BackboneRow("net", source, name, "pretrained"))).startswith(place)


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        ("timm", "vit_nope", "a model and tag that timm has weights of"),
        ("open_clip", "ViT-B-32/nope", "ViT-B-32/ and one of openai"),
    ],
)
def test_weights_that_no_library_knows_are_refused(source, name, message):
    with pytest.raises(CortexlensError, match=message):
        origin_of(BackboneRow("net", source, name, "pretrained"))
