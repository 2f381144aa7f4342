"""The stage draw_channel_images: from pictures to a sheet of them as regions read them."""

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from trees import coloured_noise

N_IMAGES, N_VERTICES = 30, 40
NETWORK = [
    *("--backbone", "tiny", "--source", "python", "--input-size", "32", "--seed", "5"),
    *("--name", "cortexlens.backbones.cifar_resnet:resnet20", "--layers", "layer1.0,layer3.2"),
    *("--mean", "0.5,0.5,0.5", "--std", "0.5,0.5,0.5"),
]


def run(*command):
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """From pictures to a model of two members and its clusters."""
    folder = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(0)
    (folder / "images").mkdir()
    for number in range(N_IMAGES):
        Image.fromarray(coloured_noise(rng, 32)).save(folder / "images" / f"{number:02d}.png")
    np.save(folder / "r.npy", rng.standard_normal((N_IMAGES, N_VERTICES)))
    table = ["--kind", "table", "--root", folder, "--subject", "anna"]
    run("collect-images", *table, "--images", "images", "--out", folder / "images.tsv")
    run(
        *("collect-responses", *table, "--responses", "r.npy", "--axes", "image,vertex"),
        *("--images", folder / "images.tsv", "--out", folder / "responses.zarr"),
    )
    features, fit, model = (folder / name for name in ("f.zarr", "fit.zarr", "m.safetensors"))
    run("extract-features", *NETWORK, "--images", folder / "images.tsv", "--out", features)
    run(
        *("fit-encoder", "--features", features, "--responses", folder / "responses.zarr"),
        *("--backbone", "tiny", "--subject", "anna", "--members", 2, "--epochs", 1),
        *("--dimensions", 4, "--out", fit, "--model", model),
    )
    run(
        *("cluster-channels", "--fit", fit, "--model", model, "--features", features),
        *("--clusters", 3, "--splits", 2, "--out", folder / "channels.zarr"),
    )
    return folder


def test_a_sheet_has_a_row_a_region_and_a_column_a_picture(study):
    sizes = []
    for shown in ("2", "images-00,images-01,images-02,images-03,images-04,images-05,images-06"):
        ids = (study / "images.tsv").read_text().splitlines()[1:]
        named = ",".join(line.split("\t")[0] for line in ids[:7]) if "," in shown else shown
        run(
            *("draw-channel-images", "--fit", study / "fit.zarr", "--shown", named),
            *("--channels", study / "channels.zarr", "--model", study / "m.safetensors"),
            *("--images", study / "images.tsv", "--out", study / "figures"),
        )
        with Image.open(study / "figures" / "channel_images.png") as picture:
            sizes.append(picture.size)
            assert picture.text["Title"] == "channel images of tiny, subject anna"
            pixels = np.asarray(picture.convert("RGB"))
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100
    assert sizes[1][0] > sizes[0][0]
    assert (study / "figures" / "channel_images.svg").is_file()
