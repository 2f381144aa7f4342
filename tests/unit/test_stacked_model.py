"""Files of stacked models: what they hold, and damaged ones."""

import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from cortexlens.encoding.ensemble import load_models
from cortexlens.encoding.stacked.fit import StackedOptions, fit_stacked
from cortexlens.encoding.stacked.model import StackedModel
from cortexlens.errors import CortexlensError
from encoders import planted_data

ABOUT = {"subject": "sim01", "grid": 2}
QUICK = StackedOptions(sizes=(0.0, 1.0), lattice=1, blocks=4, draws=4)


@pytest.fixture(scope="module")
def data():
    return planted_data(n_images=80, channels=(4, 3))[0]


@pytest.fixture(scope="module")
def model(data):
    return fit_stacked(data, None, QUICK).model


@pytest.fixture
def written(model, tmp_path):
    """Path of a file, its record and its tensors."""
    path = tmp_path / "model.safetensors"
    model.save(path, ABOUT)
    with safe_open(path, "pt") as file:
        record = json.loads(file.metadata()["cortexlens"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return path, record, tensors


def rewrite(path, record, tensors):
    save_file(
        {name: value.contiguous() for name, value in tensors.items()},
        path,
        {"cortexlens": json.dumps(record)},
    )


def assert_refused(path):
    with pytest.raises(CortexlensError, match=r"model\.safetensors: not a fitted model") as error:
        load_models(path)
    assert len(str(error.value).splitlines()) == 1
    assert "Give the model.safetensors beside a fit.zarr" in str(error.value)


def test_a_file_that_is_whole_predicts_the_same(data, model, written):
    path, *_ = written
    (read,), about = load_models(path)
    assert about == ABOUT
    assert isinstance(read, StackedModel)
    assert read.n_vertices == data.response.shape[1]
    tokens = [layer[:7] for layer in data.layers]
    np.testing.assert_allclose(read(tokens), model(tokens), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "changes",
    [
        {"channels": [4]},
        {"channels": [4, 4]},
        {"channels": [4, 3, 3]},
        {"channels": [10**12, 3]},
        {"channels": "ab"},
        {"channels": None},
        {"channels": []},
        {"channels": [4.0, 3]},
        {"channels": [float("inf"), 3]},
        {"kind": "another"},
    ],
    ids=str,
)
def test_a_description_of_other_weights_is_refused(written, changes):
    path, record, tensors = written
    record["shape"] |= changes
    rewrite(path, record, tensors)
    assert_refused(path)


@pytest.mark.parametrize(
    "name",
    [
        *("window", "bias", "window_weight", "cell_weight"),
        *("0.local.mean", "1.global.scale", "0.window.weights", "1.image.vertices"),
    ],
)
def test_missing_tensors_are_refused(written, name):
    path, record, tensors = written
    del tensors[name]
    rewrite(path, record, tensors)
    assert_refused(path)


def _cut(name):
    def change(tensors):
        tensors[name] = tensors[name][:-1]

    return change


def _put(name, value):
    def change(tensors):
        tensors[name] = tensors[name].clone()
        tensors[name].flatten()[0] = value

    return change


def _flat(name):
    def change(tensors):
        tensors[name] = tensors[name].flatten()

    return change


def _to(name, dtype):
    def change(tensors):
        tensors[name] = tensors[name].to(dtype)

    return change


@pytest.mark.parametrize(
    "change",
    [
        *(_cut("bias"), _cut("window"), _cut("cell_weight"), _cut("0.local.mean")),
        *(_cut("1.global.scale"), _cut("0.window.weights"), _cut("0.image.vertices")),
        *(_put("window", 10**6), _put("window", -1)),
        *(_put("0.window.vertices", 10**6), _put("0.global.vertices", -(10**6))),
        *(_flat("window_weight"), _flat("0.window.weights"), _flat("cell_weight")),
        *(_to("window", torch.float32), _to("0.window.vertices", torch.float32)),
    ],
    ids=[
        *("bias cut", "window cut", "cells cut", "mean cut", "scale cut", "weights cut"),
        *("vertices cut", "a window too many", "a window below 0"),
        *("a vertex too many", "a vertex below 0"),
        *("windows flat", "weights flat", "cells flat", "windows of floats", "vertices of floats"),
    ],
)
def test_damaged_tensors_are_refused(written, change):
    path, record, tensors = written
    assert all(len(tensors[f"0.{name}.vertices"]) for name in ("window", "image", "global"))
    change(tensors)
    rewrite(path, record, tensors)
    assert_refused(path)


def test_a_file_that_was_cut_is_refused(written):
    path, *_ = written
    path.write_bytes(path.read_bytes()[:-40])
    assert_refused(path)
