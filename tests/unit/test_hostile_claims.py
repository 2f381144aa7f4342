"""Files that take all memory, lead to other files or carry programs inside: refused before that."""

import gzip
import io
import pickle
import struct
import zipfile

import h5py
import nibabel
import numpy as np
import pytest
import torch
import zarr
from PIL import Image

from cortexlens.backbones.checkpoints import read_state_dict
from cortexlens.compute.checkpoints import read_state
from cortexlens.errors import CortexlensError
from cortexlens.study.nsd.betas import open_betas
from cortexlens.study.pictures.files import decode, identify
from cortexlens.study.pictures.hdf5 import read_pixels
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.table.place_files import read_mesh_vertices
from cortexlens.study.table.recordings import read_recording
from cortexlens.study.table.surfaces import read_surface
from cortexlens.study.unpickle import read_mapping
from hostile import PIXELS, VALUES, Executing, write_gifti_elsewhere, write_zarr


def nifti_claiming(shape):
    """A header that claims a volume, and hardly anything after it."""
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape(shape)
    start = bytearray(header.binaryblock)
    start[344:348], start[108:112] = b"n+1\0", struct.pack("<f", 352)
    return bytes(start) + bytes(100)


@pytest.mark.parametrize("shape", [(30_000, 30_000, 100, 1), (200, 200, 100, 2)])
@pytest.mark.parametrize("name", ["v.nii", "v.nii.gz"])
def test_a_volume_that_claims_more_than_it_holds(tmp_path, shape, name):
    data = nifti_claiming(shape)
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    with pytest.raises(CortexlensError, match="claims an array of shape"):
        read_recording([tmp_path / name], None)
    with pytest.raises(CortexlensError, match="claims an array of shape"):
        open_betas(tmp_path / name)


def test_a_zarr_array_that_is_all_fill_value(tmp_path):
    zarr.create_array(tmp_path / "v.zarr", shape=(10**7, 10**7), chunks=(10**4, 10**4), dtype="f8")
    with pytest.raises(CortexlensError, match="this machine has"):
        read_recording([tmp_path / "v.zarr"], None)


def test_a_damaged_zarr_array_is_refused(tmp_path):
    for name in ("zarr.json", "c/0/0", "c/1/0"):
        for content in (b"", b"{}", bytes(100), b"[1]"):
            path = tmp_path / f"{len(list(tmp_path.iterdir()))}.zarr"
            write_zarr(path)
            np.testing.assert_equal(read_recording([path], None).values.T, VALUES)
            (path / name).write_bytes(content)
            with pytest.raises(CortexlensError, match="cannot be read"):
                read_recording([path], None)


def test_an_npz_bomb(tmp_path):
    path = tmp_path / "v.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hemisphere.npy", b"\x93NUMPY" + bytes(2**20))
    data = path.read_bytes().replace(struct.pack("<I", 2**20 + 6), struct.pack("<I", 2**31 - 1))
    path.write_bytes(data)
    with pytest.raises(CortexlensError, match="claims an array"):
        read_mesh_vertices(path, "fsaverage5", 2)


def elsewhere(path, how):
    """An HDF5 file whose array is another file's."""
    with h5py.File(path.with_name("other.hdf5"), "w") as file:
        file["x"] = PIXELS[None]
    path.with_name("raw").write_bytes(PIXELS.tobytes())
    with h5py.File(path, "w") as file:
        if how == "link":
            file["imgBrick"] = h5py.ExternalLink("other.hdf5", "x")
        if how == "link of a link":
            file["y"] = h5py.ExternalLink("other.hdf5", "x")
            file["imgBrick"] = h5py.SoftLink("/y")
        if how == "virtual":
            layout = h5py.VirtualLayout((1, 4, 4, 3), np.uint8)
            layout[...] = h5py.VirtualSource("other.hdf5", "x", (1, 4, 4, 3))
            file.create_virtual_dataset("imgBrick", layout)
        if how == "raw":
            there = [(str(path.with_name("raw")), 0, 48)]
            file.create_dataset("imgBrick", (1, 4, 4, 3), np.uint8, external=there)
        file["betas"] = h5py.ExternalLink("other.hdf5", "x")


@pytest.mark.parametrize("how", ["link", "link of a link", "virtual", "raw"])
def test_hdf5_that_leads_to_another_file(tmp_path, how):
    elsewhere(tmp_path / "p.hdf5", how)
    with h5py.File(tmp_path / "p.hdf5") as file:
        assert (file["imgBrick"][0] == PIXELS).all()  # what is kept from being read
    with pytest.raises(CortexlensError, match="refers to another file"):
        read_pixels(f"{tmp_path / 'p.hdf5'}::imgBrick::0")
    with pytest.raises(CortexlensError, match="refers to another file"):
        open_betas(tmp_path / "p.hdf5")


def test_gifti_that_leads_to_another_file(tmp_path):
    write_gifti_elsewhere(tmp_path / "s.gii")
    with pytest.raises(CortexlensError, match="refers to another file"):
        read_surface(tmp_path / "s.gii")


def test_programs_within_files_are_not_run(tmp_path):
    trace = tmp_path / "trace"
    payload = Executing(trace)
    np.save(tmp_path / "a.npy", np.array([payload], dtype=object))
    np.save(tmp_path / "b.npy", np.array({1: payload}, dtype=object))
    np.savez(tmp_path / "c.npz", hemisphere=np.array([payload]), vertex_index=[1])
    torch.save({"a": torch.zeros(1), "b": payload}, tmp_path / "d.pt")
    torch.save({"key": "k", "b": payload}, tmp_path / "e.pt", _use_new_zipfile_serialization=False)
    (tmp_path / "f.bin").write_bytes(pickle.dumps({"state_dict": payload}))
    (tmp_path / "g.safetensors").write_bytes(pickle.dumps(payload))
    assert not trace.exists()
    readers = {
        "a.npy": lambda path: read_recording([path], None),
        "b.npy": read_mapping,
        "c.npz": lambda path: read_mesh_vertices(path, "fsaverage5", 1),
        "d.pt": read_state_dict,
        "f.bin": read_state_dict,
        "g.safetensors": read_state_dict,
    }
    for name, read in readers.items():
        with pytest.raises(CortexlensError, match=name):
            read(tmp_path / name)
        assert not trace.exists(), name
    assert read_state(tmp_path / "e.pt", "k") is None
    assert not trace.exists()
    np.load(tmp_path / "a.npy", allow_pickle=True)  # the payload is live
    assert trace.exists()


def png(width, height, claimed=None):
    """Bytes of a picture, whose header may claim another size."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (10, 20, 30)).save(file, "PNG")
    data = bytearray(file.getvalue())
    if claimed:
        data[16:24] = struct.pack(">II", *claimed)
    return bytes(data)


def test_picture_bombs_are_refused_before_they_are_unpacked(tmp_path):
    assert Image.MAX_IMAGE_PIXELS
    for side in (20_000, 2**31 - 1):
        with pytest.raises(CortexlensError, match=r"too large|not a readable image"):
            identify(png(1, 1, (side, side)), "bomb.png")
    gif = bytearray(b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(20))
    with pytest.raises(CortexlensError, match=r"bomb\.gif"):
        decode(bytes(gif), "bomb.gif")


def test_a_picture_of_one_pixel_is_a_picture(tmp_path):
    (tmp_path / "a.png").write_bytes(png(1, 1))
    picture = ImageSet.from_folder(tmp_path).open(0)
    assert (picture.size, picture.getpixel((0, 0))) == ((1, 1), (10, 20, 30))


def test_members_of_archives_stay_in_the_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr("../../evil.png", png(2, 2))
        archive.writestr("/tmp/absolute.png", png(3, 3))
    images = ImageSet.from_zip(tmp_path / "p.zip")
    # the first is hidden by its name
    assert [images.open(i).size for i in range(len(images))] == [(3, 3)]
    assert [path.name for path in tmp_path.rglob("*")] == ["p.zip"]


def test_a_zip_member_that_claims_too_much(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(2**20))
    data = (tmp_path / "p.zip").read_bytes()
    data = data.replace(struct.pack("<I", 2**20), struct.pack("<I", 2**31))
    (tmp_path / "p.zip").write_bytes(data)
    with pytest.raises(CortexlensError, match="larger than 512 MiB"):
        ImageSet.from_zip(tmp_path / "p.zip")
