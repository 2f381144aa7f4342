import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from cortexlens.backbones import torchvision_shim

IMPORTS = (
    "from cortexlens.backbones.torchvision_shim import prepare; "
    "native = prepare(); import timm, torchvision.models, torch; "
    "assert torchvision.extension._has_ops() == native; "
    "torchvision.models.resnet18().eval()(torch.zeros(1, 3, 32, 32))"
)


def test_timm_and_torchvision_import_in_a_fresh_interpreter():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTS], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def library(monkeypatch, tmp_path):
    """A torchvision with a compiled library; the list gathers what is declared."""
    (tmp_path / "_C.so").touch()
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    declared: list[str] = []
    monkeypatch.setattr(torchvision_shim, "find_spec", lambda _name: spec)
    monkeypatch.setattr(torchvision_shim, "_declare", lambda: declared.append("declared"))
    return tmp_path / "_C.so", declared


def test_nothing_is_declared_where_the_library_loads(library, monkeypatch):
    path, declared = library
    loaded = []
    monkeypatch.setattr(torch.ops, "load_library", loaded.append)
    assert torchvision_shim.prepare.__wrapped__() is True
    assert loaded == [path]
    assert declared == []


def test_schemas_are_declared_where_it_does_not(library, monkeypatch):
    def fail(_path):
        raise OSError("libcudart.so.13: cannot open shared object file")

    monkeypatch.setattr(torch.ops, "load_library", fail)
    assert torchvision_shim.prepare.__wrapped__() is False
    assert library[1] == ["declared"]


def test_declaring_twice_does_no_harm():
    torchvision_shim.prepare()
    torchvision_shim._declare()
    assert torch.ops.torchvision.nms.default is not None
