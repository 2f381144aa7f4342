"""Inputs as people have reported them: the planted value comes out, or one line says why not."""

import argparse
from collections import OrderedDict

import nibabel
import numpy as np
import pytest
import torch
import xarray
import zarr
from nibabel.cifti2 import BrainModelAxis, Cifti2Image, LabelAxis, ParcelsAxis, ScalarAxis
from nibabel.gifti import GiftiDataArray, GiftiImage
from safetensors.torch import save_file
from torch import nn

from cortexlens.backbones.checkpoints import load_weights, state_hash
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.sources import build
from cortexlens.errors import CortexlensError
from cortexlens.study.table.label_files import read_regions
from cortexlens.study.table.recordings import read_recording
from cortexlens.study.table.trials import read_trials
from cortexlens.study.tsv import read_tsv

N_IMAGES = 12
AFFINE = np.diag([2.0, 2, 2, 1])


def refused(match, call, *arguments, **options):
    """See that a call ends in one line."""
    with pytest.raises(CortexlensError, match=match) as caught:
        call(*arguments, **options)
    assert "\n" not in str(caught.value)


# -- volumes --------------------------------------------------------------------------------------


def volumes(seed=0):
    return np.random.default_rng(seed).normal(20, 5, (3, 3, 2, N_IMAGES))


def save_scaled(path, values, slope, offset, order):
    """A file as scanners write it: whole numbers of either byte order, a slope and an offset."""
    header = nibabel.Nifti1Header(endianness=order)
    header.set_data_dtype(np.dtype(f"{order}i2"))
    header.set_data_shape(values.shape)
    header.set_sform(AFFINE, 1)
    header["scl_slope"], header["scl_inter"] = slope, offset
    header["vox_offset"], header["magic"] = 352, b"n+1"
    raw = np.rint((values - offset) / slope).astype(f"{order}i2")
    path.write_bytes(header.binaryblock + b"\0" * 4 + raw.tobytes(order="F"))


@pytest.mark.parametrize("orders", ["<<", "<>", "><"])
def test_runs_with_scalings_and_byte_orders_of_their_own(tmp_path, orders):
    values = volumes()
    paths = [tmp_path / "run-1.nii", tmp_path / "run-2.nii"]
    parts = np.split(values, 2, axis=3)
    for path, part, scaling, order in zip(
        paths, parts, ((0.002, 5), (0.004, -3)), orders, strict=True
    ):
        save_scaled(path, part, *scaling, order)
    found = read_recording(paths, None)
    np.testing.assert_allclose(found.values, values.reshape(-1, N_IMAGES).T, atol=0.0021)


@pytest.mark.parametrize("signs", [(-1, 1, 1), (1, -1, 1), (-1, -1, -1)])
def test_a_parcellation_stored_the_other_way_names_the_same_places(tmp_path, signs):
    shape = (6, 5, 4)
    affine = AFFINE.copy()
    affine[:3, 3] = [-5, -4, -3]
    x = affine[0, 3] + 2 * np.arange(6)[:, None, None] * np.ones(shape)
    values = np.where(x < 0, -100, 100)[..., None] + volumes()[0, 0, 0, :N_IMAGES] / 100
    nibabel.save(nibabel.Nifti1Image(values.astype("f4"), affine), tmp_path / "betas.nii.gz")
    turned = np.where(x < 0, 1, 2)[tuple(slice(None, None, sign) for sign in signs)]
    other = affine @ np.diag([*signs, 1.0])
    for axis, sign in enumerate(signs):
        if sign < 0:
            other[:3, 3] += affine[:3, axis] * (shape[axis] - 1)
    nibabel.save(nibabel.Nifti1Image(turned.astype("i2"), other), tmp_path / "seg.nii.gz")
    (tmp_path / "seg.tsv").write_text("index\tname\n1\tlefties\n2\trighties\n")
    recording = read_recording([tmp_path / "betas.nii.gz"], None)
    regions = read_regions([tmp_path / "seg.nii.gz"], recording)
    means = {name: recording.values[:, mask].mean() for name, mask in regions.items()}
    assert means == {
        "lefties": pytest.approx(-100, abs=1),
        "righties": pytest.approx(100, abs=1),
    }


# -- zarr -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("dims", [("vertex", "image"), ("image", "vertex")])
def test_an_array_within_a_group_is_read_by_the_axes_that_it_names(tmp_path, zarr_format, dims):
    values = np.random.default_rng(0).normal(size=(8, 8)).astype("f4")  # square: counts agree
    data = xarray.Dataset({"betas": (("vertex", "image"), values)}).transpose(*dims)
    path = tmp_path / "x.zarr"
    data.to_zarr(path, consolidated=False, zarr_format=zarr_format)
    np.testing.assert_array_equal(read_recording([path / "betas"], None).values, values.T)
    np.testing.assert_array_equal(read_recording([path / "betas"], ",".join(dims)).values, values.T)
    refused(
        rf"names its axes {','.join(dims)}, but the column axes of subjects\.tsv is",
        read_recording,
        [path / "betas"],
        ",".join(reversed(dims)),
    )
    refused(r"x\.zarr: is a group with the arrays betas;", read_recording, [path], None)


def test_packed_numbers_are_not_taken_as_they_are(tmp_path):
    array = zarr.create_array(tmp_path / "p.zarr", shape=(4, 6), dtype="i2", chunks=(4, 6))
    array[:] = np.arange(24).reshape(4, 6)
    array.attrs["scale_factor"] = 0.01
    refused(
        r"its numbers are packed \(scale_factor is 0\.01\)",
        read_recording,
        [array.store.root],
        None,
    )


# -- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("image_id;rt\ncat;1\n", "has ';' between cells"),
        ("image_id,rt\ncat,1\n", "has ',' between cells"),
        ('"image_id"\t"rt"\n"cat"\t"1"\n', "without quotes"),
        (
            "Image_ID\trt\ncat\t1\n",
            "found the columns Image_ID, rt; a column image_id",
        ),
    ],
)
def test_tables_of_other_forms_say_how_to_save_them(tmp_path, text, told):
    (tmp_path / "t.tsv").write_text(text)
    refused(told, read_trials, [tmp_path / "t.tsv"], ["cat"], ["img/cat.png"])
    refused(told.rpartition(";")[0] or told, read_tsv, tmp_path / "t.tsv", needed=["image_id"])


# -- surfaces -------------------------------------------------------------------------------------


def cifti(path, *axes):
    columns = axes[-1]
    values = np.random.default_rng(1).normal(size=(N_IMAGES, len(columns))).astype("f4")
    rows = axes[0] if len(axes) > 1 else ScalarAxis([f"b{i}" for i in range(N_IMAGES)])
    nibabel.save(Cifti2Image(values, (rows, columns)), path)
    return values


def surface(name, n_vertices, n_all):
    return BrainModelAxis.from_surface(np.arange(n_vertices), n_all, name=f"CIFTI_STRUCTURE_{name}")


def test_grayordinates_keep_the_cortex_and_say_what_is_left_out(tmp_path, capsys):
    voxels = BrainModelAxis(
        "CIFTI_STRUCTURE_THALAMUS_LEFT",
        voxel=np.argwhere(np.ones((2, 2, 2))),
        affine=np.eye(4),
        volume_shape=(2, 2, 2),
    )
    axis = surface("CORTEX_LEFT", 20, 25) + surface("CORTEX_RIGHT", 18, 25) + voxels
    values = cifti(tmp_path / "g.dscalar.nii", axis + surface("CEREBELLUM", 5, 6))
    found = read_recording([tmp_path / "g.dscalar.nii"], None)
    np.testing.assert_array_equal(found.values, values[:, :38])
    assert found.places["hemisphere"].tolist() == [0] * 20 + [1] * 18
    told = capsys.readouterr().err
    assert "13 elements off the cortical surface are left out: THALAMUS_LEFT, CEREBELLUM" in told


def test_a_cerebellum_alone_is_no_cortex(tmp_path):
    cifti(tmp_path / "cb.dscalar.nii", surface("CEREBELLUM", 30, 30))
    refused(
        r"cb\.dscalar\.nii: holds CEREBELLUM and no cortical surface",
        read_recording,
        [tmp_path / "cb.dscalar.nii"],
        None,
    )


def test_parcels_and_labels_of_cifti_are_named_as_such(tmp_path):
    left = surface("CORTEX_LEFT", 10, 10)
    cifti(tmp_path / "p.pscalar.nii", ParcelsAxis.from_brain_models([("A", left)]))
    refused("CIFTI file of another kind", read_recording, [tmp_path / "p.pscalar.nii"], None)
    cifti(tmp_path / "l.dscalar.nii", left)
    names = [f"m{i}" for i in range(N_IMAGES)]
    cifti(tmp_path / "x.dlabel.nii", LabelAxis(names, {0: ("?", (0, 0, 0, 0))}), left)
    recording = read_recording([tmp_path / "l.dscalar.nii"], None)
    refused("CIFTI labels are not read", read_regions, [tmp_path / "x.dlabel.nii"], recording)


def test_one_array_of_all_images_in_gifti(tmp_path):
    values = np.random.default_rng(2).normal(size=(30, N_IMAGES)).astype("f4")
    nibabel.save(GiftiImage(darrays=[GiftiDataArray(values)]), tmp_path / "ts.func.gii")
    found = read_recording([tmp_path / "ts.func.gii"], None)
    np.testing.assert_allclose(found.values, values.T, atol=1e-6)


# -- networks -------------------------------------------------------------------------------------


MODULE = """
import torch
from torch import nn

def lazy():
    return nn.Sequential(nn.LazyConv2d(5, 3), nn.ReLU())

def scripted():
    return torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()))

def function():
    return lambda x: x
"""


@pytest.mark.filterwarnings("ignore:.*torch.jit.*")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("lazy", "the size of parameter '0.weight' is not known yet"),
        ("scripted", "found a TorchScript network"),
        ("function", "a function that returns a torch.nn.Module"),
    ],
)
def test_networks_of_a_module_that_cannot_be_read(tmp_path, monkeypatch, name, told):
    (tmp_path / "reported_nets.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    row = BackboneRow("mine", "python", f"reported_nets:{name}", trust="python", layers="0")
    refused(told, build, row)


# -- checkpoints ----------------------------------------------------------------------------------


def network(seed=7):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts = [("conv", nn.Conv2d(3, 4, 3)), ("bn", nn.BatchNorm2d(4)), ("act", nn.ReLU())]
        made = nn.Sequential(OrderedDict(parts))
        made.bn.running_mean += made.conv.bias.detach()
        return made


def under(prefix, state):
    return {f"{prefix}{name}": value for name, value in state.items()}


STATE, OTHER = network().state_dict(), network(8).state_dict()
# What is saved; options of load_weights.
WRAPPED = {
    "plain": (STATE, {}),
    "DataParallel": (under("module.", STATE), {}),
    "Lightning": (
        {"state_dict": under("model.", STATE), "epoch": 3, "optimizer_states": [{}]},
        {"prefix": "model."},
    ),
    "no counters": ({k: v for k, v in STATE.items() if "num_batches" not in k}, {}),
    "ImageNet": (
        {
            "epoch": 90,
            "state_dict": under("module.", STATE),
            "best_acc1": torch.tensor(70.0),
            "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": []},
        },
        {},
    ),
    "DINO": (
        {"student": under("module.backbone.", OTHER), "teacher": under("backbone.", STATE)},
        {"prefix": "backbone.", "chosen": "teacher"},
    ),
    "EMA": ({"model": OTHER, "model_ema": STATE}, {"chosen": "model_ema"}),
    "one by another name": ({"net": STATE, "acc": 90}, {}),
    "compiled": (under("_orig_mod.", STATE), {"prefix": "_orig_mod."}),
    "compiled and distributed": (
        under("module._orig_mod.", STATE),
        {"prefix": "module._orig_mod."},
    ),
    "a head": ({**STATE, "fc.weight": torch.zeros(2, 4)}, {"without": "fc.*"}),
    "parameters": (
        {k: nn.Parameter(v) if v.is_floating_point() else v for k, v in STATE.items()},
        {},
    ),
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_checkpoints_in_their_wrappings_give_the_weights_meant(tmp_path, kind):
    content, options = WRAPPED[kind]
    torch.save(content, tmp_path / "w.pth")
    fresh = network(1)
    load_weights(fresh, tmp_path / "w.pth", **options)
    assert state_hash(fresh) == state_hash(network())


def test_older_files_and_safetensors_give_the_weights_meant(tmp_path):
    torch.save(STATE, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    save_file(under("module.", STATE), tmp_path / "st.safetensors")
    for name in ("old.pth", "st.safetensors"):
        fresh = network(1)
        load_weights(fresh, tmp_path / name)
        assert state_hash(fresh) == state_hash(network())


REFUSED = {
    "args": ({"state_dict": STATE, "args": argparse.Namespace(lr=0.1)}, "Python objects besides"),
    "numpy": ({"state_dict": STATE, "best": np.float64(3)}, "Python objects besides"),
    "module": (network(), "Python objects besides"),
    "compiled": (under("_orig_mod.", STATE), "'conv.weight' and 5 more missing"),
    "head": ({**STATE, "fc.weight": torch.zeros(2, 4)}, "'fc.weight' not the network's"),
    "EMA": ({"model": OTHER, "model_ema": STATE}, "holds several state dicts, model, model_ema"),
    "DINO": ({"student": OTHER, "teacher": STATE}, "holds several state dicts, student, teacher"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_other_checkpoints_are_refused(tmp_path, kind):
    content, told = REFUSED[kind]
    torch.save(content, tmp_path / "w.pth")
    refused(told, load_weights, network(1), tmp_path / "w.pth")


@pytest.mark.filterwarnings("ignore:.*torch.jit.*")
def test_programs_and_pages_are_no_checkpoints(tmp_path):
    torch.jit.script(network()).save(str(tmp_path / "script.pt"))
    refused(
        "it is a TorchScript archive, a program", load_weights, network(), tmp_path / "script.pt"
    )
    (tmp_path / "page.pth").write_text("<!DOCTYPE html><html>404</html>")
    refused("it begins with b'<!DOCTYPE html>", load_weights, network(), tmp_path / "page.pth")
