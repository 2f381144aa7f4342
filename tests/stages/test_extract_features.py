from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.backbones.checkpoints import weights_path
from cortexlens.cli import app, main
from cortexlens.errors import CortexlensError
from cortexlens.features.store import ids_hash, open_features
from cortexlens.storage.provenance import file_hash
from cortexlens.study.pictures.image_set import ImageSet

ROW = {
    "backbone": "resnet20-cifar10",
    "source": "python",
    "name": "cortexlens.backbones.cifar_resnet:resnet20",
    "weights": "packaged:resnet20_cifar10",
    "layers": "layer[123].2",
    "input-size": "32",
    "mean": "0.485,0.456,0.406",
    "std": "0.229,0.224,0.225",
}


@pytest.fixture
def images(tmp_path):
    """Ten pictures of several shapes, one of them grey."""
    folder, rng = tmp_path / "pictures", np.random.default_rng(0)
    folder.mkdir()
    for i in range(10):
        shape = (30, 20 + i) if i == 3 else (30, 20 + i, 3)
        pixels = rng.integers(0, 256, shape, dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"p{i}.png")
    ImageSet.from_folder(folder).write(tmp_path / "images.tsv")
    return tmp_path / "images.tsv"


def run(images, out, **change):
    columns = ROW | {"grid": "4", "resize": "area", "batch-size": "4", "threads": "1"}
    columns |= {name.replace("_", "-"): value for name, value in change.items()}
    options = [part for name, value in columns.items() for part in (f"--{name}", value)]
    files = ["--images", str(images), "--out", str(out)]
    return CliRunner().invoke(app, ["extract-features", *options, *files])


def test_a_store_is_written_with_what_it_was_made_from(images, tmp_path):
    out = tmp_path / "features" / "net" / "s1.zarr"
    result = run(images, out)
    assert result.exit_code == 0, result.output
    features = open_features(out)
    assert features.n_images == 10
    assert features.grid == 4
    assert features.channels == [16, 32, 64]
    assert [features.read(layer).shape for layer in range(3)] == [(10, 17, n) for n in (16, 32, 64)]
    attributes = features.attributes
    assert attributes["image_ids_hash"] == ids_hash(ImageSet.read(images).ids)
    assert attributes["backbone"]["name"] == ROW["name"]
    assert attributes["provenance"]["inputs"] == {
        "images": file_hash(images),
        "weights": file_hash(weights_path(ROW["weights"])),
    }
    assert attributes["provenance"]["settings"]["resize"] == "area"
    assert [path.name for path in out.parent.iterdir()] == ["s1.zarr"]


def test_equal_calls_give_equal_stores_whatever_the_batches(images, tmp_path):
    for name, change in (("a", {}), ("b", {}), ("c", {"batch_size": "3", "threads": "2"})):
        assert run(images, tmp_path / f"{name}.zarr", **change).exit_code == 0
    one, same, other = (open_features(tmp_path / f"{name}.zarr") for name in "abc")
    assert one.attributes == same.attributes
    assert one.attributes["key"] == other.attributes["key"]
    for layer in range(3):
        np.testing.assert_array_equal(one.read(layer), same.read(layer))
        np.testing.assert_allclose(one.read(layer), other.read(layer), rtol=2e-3, atol=1e-3)


def test_the_precision_is_recorded(images, tmp_path):
    for name, change in (("plain", {}), ("reduced", {"precision": "bfloat16", "device": "cpu"})):
        assert run(images, tmp_path / f"{name}.zarr", **change).exit_code == 0
    plain, reduced = (open_features(tmp_path / f"{name}.zarr") for name in ("plain", "reduced"))
    assert plain.attributes["precision"] in ("float32", "bfloat16")
    assert reduced.attributes["precision"] == "bfloat16"
    assert len(reduced.attributes["bfloat16_difference"]) == 3
    for layer in range(3):
        expected = plain.read(layer).astype(float)
        error = np.linalg.norm(reduced.read(layer) - expected) / np.linalg.norm(expected)
        assert error < 3e-2


def test_networks_that_share_decoded_pictures_give_the_same(images, tmp_path):
    shared = {"decoded": str(tmp_path / "decoded"), "workers": "2"}
    for name, change in (("alone", {}), ("first", shared), ("second", shared)):
        assert run(images, tmp_path / f"{name}.zarr", **change).exit_code == 0
    assert len(list((tmp_path / "decoded").glob("*/*.npy"))) == 10
    stores = [open_features(tmp_path / f"{name}.zarr") for name in ("alone", "first", "second")]
    assert stores[0].attributes == stores[1].attributes == stores[2].attributes
    for layer in range(3):
        assert len({store.read(layer).tobytes() for store in stores}) == 1
    assert run(images, tmp_path / "none.zarr", **shared, decoded_gb="0").exit_code == 0


def test_a_picture_that_changed_is_one_line(images, tmp_path, monkeypatch, capsys):
    source = ImageSet.read(images).sources[5]
    Path(source).write_bytes(b"no picture")
    options = [part for name, value in ROW.items() for part in (f"--{name}", value)]
    files = ["--images", str(images), "--out", str(tmp_path / "s1.zarr")]
    monkeypatch.setattr("sys.argv", ["cortexlens", "extract-features", *options, *files])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert source in line
    assert not (tmp_path / "s1.zarr").exists()


@pytest.mark.parametrize(
    "change", [{"resize": "nearest"}, {"grid": "0"}, {"std": "0,0,0"}, {"precision": "half"}]
)
def test_options_out_of_range_are_refused(images, tmp_path, change):
    result = run(images, tmp_path / "s1.zarr", **change)
    assert isinstance(result.exception, CortexlensError)
    assert not (tmp_path / "s1.zarr").exists()


def test_help_gives_units():
    text = CliRunner().invoke(app, ["extract-features", "--help"]).output
    assert "pixels" in text
    assert "Images in one forward pass" in text
