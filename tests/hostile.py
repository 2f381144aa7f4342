"""Files as their readers want them, each with a value planted, for tests that damage them."""

import gzip
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import nibabel
import numpy as np
import scipy.io
import torch
import zarr
from PIL import Image
from safetensors.torch import save_file

from cortexlens.analysis.tables import read_table
from cortexlens.backbones.cache import verify
from cortexlens.backbones.checkpoints import read_state_dict
from cortexlens.compute.checkpoints import read_state, write_state
from cortexlens.config.reading import examine_table
from cortexlens.config.safe_yaml import read_mapping as read_yaml
from cortexlens.config.schema import backbone_schema, find_faults
from cortexlens.encoding.ensemble import load_models, save_models
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.errors import CortexlensError
from cortexlens.sae.model import About, Sae, load_sae, save_sae
from cortexlens.storage.json_files import read_json
from cortexlens.study.arrays import map_npy
from cortexlens.study.nsd.betas import open_betas
from cortexlens.study.nsd.design import _read_fields as read_mat
from cortexlens.study.nsd.places import _read_ctab as read_ctab
from cortexlens.study.nsd.places import read_labels
from cortexlens.study.pictures.files import decode, read_bytes
from cortexlens.study.pictures.hdf5 import read_pixels
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.pictures.labelled import Labelled, list_classes
from cortexlens.study.simulation.scenes import COLUMNS as SCENE_COLUMNS
from cortexlens.study.simulation.scenes import read_scenes
from cortexlens.study.table.grids import Grid
from cortexlens.study.table.label_files import read_regions
from cortexlens.study.table.place_files import read_coordinates, read_mesh_vertices
from cortexlens.study.table.recordings import Recording, read_recording, volume_mask
from cortexlens.study.table.surfaces import read_surface
from cortexlens.study.unpickle import read_mapping

GRID = Grid((6, 4, 1), np.eye(4), Path("betas.nii"))
VALUES = np.arange(1.0, 25.0, dtype=np.float32).reshape(6, 4)
PIXELS = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5


class Kind(NamedTuple):
    """A kind of file: its name, how it is written, and the planted value out of it."""

    name: str
    write: Callable[[Path], Any]
    read: Callable[[Path], Any]

    @property
    def label(self) -> str:
        """For names of tests."""
        return f"{self.read.__name__}-{self.name}"


def _values(path: Path) -> np.ndarray:
    return np.asarray(read_recording([path], None).values, float)


def _nifti(path: Path) -> None:
    nibabel.save(nibabel.Nifti1Image(VALUES.reshape(3, 2, 1, 4), np.eye(4)), path)


def _mask_volume(path: Path) -> None:
    nibabel.save(nibabel.Nifti1Image((VALUES > 5).astype(np.int16)[..., None], np.eye(4)), path)


def _mgh(path: Path) -> None:
    nibabel.save(nibabel.freesurfer.MGHImage(VALUES.reshape(6, 1, 1, 4), np.eye(4)), path)


def _label_mgz(path: Path) -> None:
    labels = np.rint(VALUES).astype(np.int32)[..., None]
    nibabel.save(nibabel.freesurfer.MGHImage(labels, np.eye(4)), path)


def _gifti(values: np.ndarray, intent: str, path: Path) -> None:
    arrays = [nibabel.gifti.GiftiDataArray(values, intent=intent)]
    nibabel.save(nibabel.gifti.GiftiImage(darrays=arrays), path)


def _freesurfer_surface(path: Path) -> None:
    nibabel.freesurfer.write_geometry(path, VALUES[:, :3], np.array([[0, 1, 2]]))


def _betas(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["betas"] = np.rint(VALUES).astype(np.int16).reshape(4, 3, 2, 1)


def _brick(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["imgBrick"] = PIXELS[None]


def _zip(path: Path) -> None:
    Image.fromarray(PIXELS).save(path.with_name("a.png"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path.with_name("a.png"), "a/b.png")


def _pixels(path: Path) -> np.ndarray:
    return np.asarray(decode(read_bytes(str(path)), str(path)))


def _regions(path: Path) -> dict[str, list[bool]]:
    voxel = np.argwhere(np.ones((6, 4, 1), bool))
    recording = Recording(np.zeros((2, 24)), {"voxel": voxel}, {"grid": GRID})
    return {name: mask.tolist() for name, mask in read_regions([path], recording).items()}


def _scenes(path: Path) -> None:
    cells = ["a", "a.png", "face", "c", "room", '{"a": 1}', "[]"]
    path.write_text("\t".join(SCENE_COLUMNS) + "\n" + "\t".join(cells) + "\n")


def _model(path: Path) -> None:
    torch.manual_seed(0)
    save_models([FactorTopy([3, 4], 5, 2)], path, {"grid": 4})


def _sae(path: Path) -> None:
    torch.manual_seed(0)
    save_sae(Sae(About("topk", 2, "class"), 3, 6), path)


def _record(path: Path) -> dict[str, str]:
    folder = path.parent / "weights"
    folder.mkdir(exist_ok=True)
    (folder / "record.json").unlink(missing_ok=True)
    if path.exists():
        (folder / "record.json").write_bytes(path.read_bytes() if path.is_file() else b"")
    return read_json(path, {"files": dict}) and verify(folder)


def _rows(path: Path) -> dict[str, dict[str, str]]:
    rows, faults = examine_table(path, "backbone", backbone_schema())
    if faults:
        raise CortexlensError(faults[0])
    return rows


def _seed(path: Path) -> int:
    needed = {"required": ["seed"], "properties": {"seed": {"type": "integer"}}}
    config = read_yaml(path)
    faults = list(find_faults(config, needed))
    if faults:
        raise CortexlensError(f"{path}: {faults[0]}")
    return config["seed"]


def _labels(path: Path) -> None:
    path.write_text("image,label\na,x\nb,y\n")
    for name in "ab":
        path.with_name(f"{name}.png").touch()


def _labelled(path: Path) -> Labelled:
    return Labelled(path.parent, (path,))


def _text(text: str) -> Callable[[Path], Any]:
    return lambda path: path.write_text(text)


def _picture(path: Path) -> None:
    Image.fromarray(PIXELS).save(path, lossless=True)


def _pickled_table(path: Path) -> None:
    np.save(path, np.array({1: "V1", 2: "V2"}, dtype=object))


TENSORS = {"a.weight": torch.from_numpy(VALUES)}
IDS = "image_id\tsource\tsha256\na\ta.png\t" + "0" * 64 + "\n"

KINDS = [
    Kind("config.yaml", _text("study: a\nseed: 5\n"), _seed),
    Kind("backbones.tsv", _text("backbone\tsource\tname\na\tzoo\tb\n"), _rows),
    Kind(
        "r.tsv",
        _text("roi\tr2\nV1\t0.5\n"),
        lambda path: read_table(path, needed=("roi", "r2"))["r2"].tolist(),
    ),
    Kind("report.json", _text('{"a": {"b": 7}}'), lambda path: read_json(path, {"a.b": int})["a"]),
    Kind("record.json", _text('{"files": {}}'), _record),
    Kind("scenes.tsv", _scenes, lambda path: read_scenes(path.parent)["layout"].tolist()),
    Kind("images.tsv", _text(IDS), lambda path: ImageSet.read(path).ids),
    Kind("labels.csv", _labels, lambda path: list_classes(_labelled(path), 1)),
    Kind("c.ctab", _text("1 V1 0 0 0 0\n"), read_ctab),
    Kind("xyz.tsv", _text("x\ty\tz\n1\t2\t3\n"), lambda path: read_coordinates(path, 1)),
    *(
        Kind(f"p.{suffix}", _picture, _pixels)
        for suffix in ("png", "bmp", "tiff", "webp", "ppm", "gif")
    ),
    Kind("p.zip", _zip, lambda path: np.asarray(ImageSet.from_zip(path).open(0))),
    Kind("p.hdf5", _brick, lambda path: read_pixels(f"{path}::imgBrick::0")),
    Kind("v.npy", lambda path: np.save(path, VALUES), _values),
    Kind(
        "w.npy",
        lambda path: np.save(path, VALUES),
        lambda path: np.array(map_npy(path, kinds="f", n_axes=2)),
    ),
    Kind(
        "v.npz",
        lambda path: np.savez(path, hemisphere=[0, 1], vertex_index=[3, 4]),
        lambda path: read_mesh_vertices(path, "fsaverage5", 2)[1],
    ),
    Kind("v.nii", _nifti, _values),
    Kind("v.nii.gz", _nifti, _values),
    Kind("v.mgh", _mgh, _values),
    Kind("v.gii", lambda path: _gifti(VALUES, "NIFTI_INTENT_NONE", path), _values),
    Kind("mask.nii.gz", _mask_volume, lambda path: volume_mask(path, GRID)),
    Kind("roi.nii.gz", _mask_volume, _regions),
    Kind("l.mgz", _label_mgz, lambda path: read_labels(path).label),
    Kind(
        "s.gii",
        lambda path: _gifti(VALUES[:, :3], "NIFTI_INTENT_POINTSET", path),
        read_surface,
    ),
    Kind("lh.white", _freesurfer_surface, read_surface),
    Kind("b.hdf5", _betas, lambda path: open_betas(path).trials(0, 4)),
    Kind("b.mgh", _mgh, lambda path: open_betas(path).trials(0, 4)),
    Kind(
        "d.mat",
        lambda path: scipy.io.savemat(path, {"a": np.rint(VALUES)}),
        lambda path: read_mat(path, ("a",))["a"],
    ),
    Kind("mapping.npy", _pickled_table, read_mapping),
    Kind(
        "w.safetensors",
        lambda path: save_file(TENSORS, path),
        lambda path: read_state_dict(path)["a.weight"].numpy(),
    ),
    Kind(
        "w.pt",
        lambda path: torch.save(TENSORS, path),
        lambda path: read_state_dict(path)["a.weight"].numpy(),
    ),
    Kind("model.safetensors", _model, lambda path: load_models(path)[0][0].weight.detach().numpy()),
    Kind("sae.safetensors", _sae, lambda path: load_sae(path).encoder.weight.numpy()),
    Kind(
        "state.pt",
        lambda path: write_state(path, "key", {"step": 3}),
        lambda path: read_state(path, "key"),
    ),
]


def damaged(data: bytes, trace: Path) -> dict[str, bytes]:
    """Give ways in which a file may be none: what a download, a disk or an enemy makes of it."""
    rng = np.random.default_rng(0)
    html = b"<!DOCTYPE html><html><title>404 Not Found</title></html>"
    return {
        "empty": b"",
        "half": data[: len(data) // 2],
        "start": data[: min(len(data) // 2, 40)],
        "noise": rng.bytes(max(len(data), 64)),
        "zeros": bytes(len(data)),
        "page": html,
        "text of another kind": "Wörter\n".encode("utf-16"),
        "shifted": b"\x00" + data,
        "turned": bytes(255 - byte for byte in data[:8]) + data[8:],
        "packed": gzip.compress(data),
        "JSON": json.dumps([1, {"a": None}]).encode(),
        "pickle": pickle.dumps(Executing(trace)),
        "pickle of a dict": pickle.dumps({"a": Executing(trace)}, 2),
    }


class Executing:
    """Pickles to a call that leaves a trace on disk when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.trace),)


def write_gifti_elsewhere(path: Path) -> None:
    """Write a surface whose values are the bytes of a file beside it."""
    path.with_name("other.bin").write_bytes(VALUES[:, :3].tobytes())
    array = nibabel.gifti.GiftiDataArray(VALUES[:, :3], intent="NIFTI_INTENT_POINTSET")
    nibabel.save(nibabel.gifti.GiftiImage(darrays=[array]), path)
    text = path.read_text()
    text = text.replace('Encoding="GZipBase64Binary"', 'Encoding="ExternalFileBinary"')
    text = text.replace('ExternalFileName=""', 'ExternalFileName="other.bin"')
    path.write_text(text[: text.index("<Data>")] + "<Data></Data></DataArray></GIFTI>")


def write_zarr(path: Path) -> None:
    """Write a recording as a zarr array."""
    array = zarr.create_array(path, shape=VALUES.shape, dtype="f4", chunks=(3, 4))
    array[...] = VALUES
