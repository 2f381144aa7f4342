import numpy as np
import pytest
from PIL import Image

from cortexlens.errors import CortexlensError
from cortexlens.study.pictures import image_set as module
from cortexlens.study.pictures.decoded import DecodedPictures
from cortexlens.study.pictures.image_set import ImageSet


@pytest.fixture
def images(tmp_path):
    """Five pictures of several sizes and kinds."""
    folder, rng = tmp_path / "pictures", np.random.default_rng(0)
    folder.mkdir()
    for i, suffix in enumerate((".png", ".jpg", ".png", ".bmp", ".png")):
        shape = (20, 24 + i, 3) if i else (20, 24)
        Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(folder / f"{i}{suffix}")
    return ImageSet.from_folder(folder)


@pytest.fixture
def decoded(monkeypatch):
    """Sources that are decoded, in order."""
    sources, decode = [], module.decode
    monkeypatch.setattr(
        module, "decode", lambda data, source: sources.append(source) or decode(data, source)
    )
    return sources


def pixels(pictures):
    return [np.asarray(picture).tolist() for picture in pictures]


def test_pictures_are_decoded_once_whoever_opens_them(images, decoded, tmp_path):
    expected = pixels(images.open(i) for i in range(5))
    decoded.clear()
    for _ in range(2):
        shared = DecodedPictures(tmp_path / "kept", 1e9)
        assert pixels(shared.open(images, i) for i in range(5)) == expected
    assert decoded == images.sources
    assert len(list((tmp_path / "kept").glob("*/*"))) == 5


def test_the_folder_does_not_outgrow_its_limit(images, decoded, tmp_path):
    for _ in range(2):
        shared = DecodedPictures(tmp_path / "kept", 4000)
        for i in range(5):
            shared.open(images, i)
    assert sum(file.stat().st_size for file in (tmp_path / "kept").glob("*/*")) <= 4000 + 2 * 128
    assert 6 <= len(decoded) < 10


def test_a_folder_that_cannot_be_written_is_no_fault(images, tmp_path, monkeypatch):
    shared = DecodedPictures(tmp_path / "kept", 1e9)

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "save", full)
    assert shared.open(images, 1).size == images.open(1).size
    assert not list((tmp_path / "kept").glob("*/*"))


def test_a_picture_that_cannot_be_decoded_is_one_line(images, tmp_path):
    (tmp_path / "pictures" / "2.png").write_bytes(b"no picture")
    shared = DecodedPictures(tmp_path / "kept", 1e9)
    with pytest.raises(CortexlensError, match=r"2\.png: the file has changed"):
        shared.open(images, 2)


def test_pixels_of_an_array_are_not_kept_again(tmp_path):
    import h5py

    from cortexlens.study.pictures.hdf5 import brick_source

    rng = np.random.default_rng(0)
    with h5py.File(tmp_path / "p.hdf5", "w") as file:
        file["imgBrick"] = rng.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    sources = [brick_source(tmp_path / "p.hdf5", "imgBrick", i) for i in range(2)]
    images = ImageSet.from_sources(["a", "b"], sources)
    shared = DecodedPictures(tmp_path / "kept", 1e9)
    assert pixels([shared.open(images, 1)]) == pixels([images.open(1)])
    assert not list((tmp_path / "kept").iterdir())
