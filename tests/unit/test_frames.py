"""Non-square pictures: what networks are shown of them, and where places lie in them."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from PIL import Image
from typer.testing import CliRunner

from cortexlens.atlas.maps import fit_arrays, fit_entry
from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.preprocessing import Preprocessing
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.sources import build
from cortexlens.cli import app
from cortexlens.encoding.results import in_pictures
from cortexlens.errors import CortexlensError
from cortexlens.features.extract import extract_to_store, shaping_key
from cortexlens.features.origin import network_of
from cortexlens.features.store import open_features
from cortexlens.figures.drawing.panels import place_rgba
from cortexlens.figures.maps.fits import read_fit
from cortexlens.storage.datasets import open_dataset, write_dataset
from cortexlens.study.pictures.files import BACKDROP
from cortexlens.study.pictures.frames import FITS, Frame, window_scale
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.study.pictures.squares import as_square
from encoders import random_split

WIDTH, HEIGHT, N_IMAGES = 64, 32, 160
PLACE = (0.25, -0.5)
# Half a step of the lattice of centres, in the coarsest direction: 1/8 of the window, doubled.
TOLERANCE = 0.13


def shows(fit, size=96):
    return Preprocessing(size, (0.0,) * 3, (1.0,) * 3, fit=fit)


def pixel_of(place, width=WIDTH, height=HEIGHT):
    return (place[0] + 1) / 2 * width, (place[1] + 1) / 2 * height


def stripes(width, height):
    """Red left quarter, green middle, blue right quarter, of a wide or, turned, a high picture."""
    pixels = np.zeros((height, width, 3), np.uint8)
    along = np.arange(max(width, height)) * 4 // max(width, height)
    colour = np.eye(3, dtype=np.uint8)[[0, 1, 1, 2]][along] * 255
    pixels[:] = colour[None] if width > height else colour[:, None]
    return Image.fromarray(pixels)


@pytest.mark.parametrize(("width", "height"), [(64, 32), (32, 64), (640, 320), (36, 72)])
def test_each_fit_shows_its_part_of_the_picture(width, height):
    picture = stripes(width, height)
    squashed, cropped, padded = (shows(fit, 32)(picture).numpy() for fit in FITS)
    along = (lambda seen: seen.mean(1)) if width > height else (lambda seen: seen.mean(2))
    ends = np.r_[0:6, 26:32]
    assert (along(squashed)[0, :6] > 0.9).all()
    assert (along(squashed)[2, 26:] > 0.9).all()
    # The middle half alone: neither red nor blue is left.
    assert (along(cropped)[1] > 0.9).all()
    assert (along(cropped)[[0, 2]] < 0.1).all()
    grey = BACKDROP[0] / 255
    across = padded if width > height else padded.transpose(0, 2, 1)
    np.testing.assert_allclose(across[:, :7], grey)
    np.testing.assert_allclose(across[:, 25:], grey)
    assert (across[0, 9:23, :6] > 0.9).all()
    assert (across[2, 9:23, 26:] > 0.9).all()
    assert ends.size == 12


@pytest.mark.parametrize("side", [20, 33, 200])
def test_a_square_picture_is_the_same_to_all(side):
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    seen = [shows(fit, 24)(Image.fromarray(pixels)).numpy() for fit in FITS]
    np.testing.assert_array_equal(seen[0], seen[1])
    np.testing.assert_array_equal(seen[0], seen[2])
    plain = Image.fromarray(pixels).resize((24, 24), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(seen[0].transpose(1, 2, 0) * 255, np.asarray(plain))


@pytest.mark.parametrize("size", [(64, 32), (33, 50), (427, 640), (3, 500)])
@pytest.mark.parametrize("fit", FITS)
def test_the_centre_stays_the_centre(fit, size):
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    ramps = np.stack([x, y, x], axis=2).astype(np.uint8)
    seen = shows(fit, 96)(Image.fromarray(ramps)).numpy()
    sx, sy = window_scale(fit, width, height)
    # Two window pixels of the ramp, and what rounding to whole values may take.
    for channel, scale in ((0, sx), (1, sy)):
        middle = seen[channel, 47:49, 47:49].mean()
        assert middle == pytest.approx(0.5, abs=scale / 96 + 0.01)


def study_of(folder):
    """Pictures 2:1 whose one spot, at PLACE, varies and makes the responses; noise elsewhere."""
    rng = np.random.default_rng(0)
    (folder / "pictures").mkdir(parents=True)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    column, row = pixel_of(PLACE)
    spot = np.exp(-((columns - column) ** 2 + (rows - row) ** 2) / (2 * 1.5**2))
    strength = rng.uniform(-1, 1, N_IMAGES)
    for i, value in enumerate(strength):
        noise = rng.normal(0, 10, (HEIGHT, WIDTH))
        grey = np.clip(128 + noise + 110 * value * spot, 0, 255).astype(np.uint8)
        Image.fromarray(np.repeat(grey[..., None], 3, 2)).save(
            folder / "pictures" / f"p{i:03d}.png"
        )
    images = ImageSet.from_folder(folder / "pictures")
    images.write(folder / "images.tsv")
    n_vertices = 4
    response = strength[:, None] + 0.1 * rng.standard_normal((N_IMAGES, n_vertices))
    response = ((response - response.mean(0)) / response.std(0)).astype(np.float32)
    responses = xr.Dataset(
        {
            "response": (("trial", "vertex"), response),
            "trial_image": ("trial", np.arange(N_IMAGES)),
            "session": ("trial", np.zeros(N_IMAGES, np.int64)),
            "image_id": ("image", np.array(images.ids, dtype=object)),
            "split": ("image", random_split(rng, N_IMAGES)),
            "ncsnr": ("vertex", np.full(n_vertices, np.nan)),
        }
    )
    write_dataset(responses, folder / "responses.zarr", kind="responses", provenance={})
    return images


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wide")
    study_of(folder)
    return folder


@pytest.fixture(scope="module")
def fits(folder):
    """Fits of one network, shown the pictures in each way."""
    found = {}
    for fit in FITS:
        row = BackboneRow("pixels", "control", "pixels", layers="scales.0,scales.1", fit=fit)
        features, out = folder / f"{fit}.zarr", folder / fit
        settings = {"grid": 8, "resize": "area", "batch_size": 32}
        made = {"code": "c", "settings": {}}
        images = ImageSet.read(folder / "images.tsv")
        extract_to_store(load_backbone(row), images, features, provenance=made, **settings)
        command = ["fit-stacked", "--features", features, "--backbone", "pixels", "--draws", "20"]
        command += ["--responses", folder / "responses.zarr", "--subject", "s1", "--sizes", "0"]
        command += ["--bandwidths", "0", "--blocks", "10", "--device", "cpu"]
        command += ["--out", out / "fit.zarr", "--model", out / "model.safetensors"]
        done = CliRunner().invoke(app, [str(part) for part in command], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        found[fit] = open_dataset(out / "fit.zarr", kind="fit").load()
    return found


@pytest.mark.parametrize("fit", FITS)
def test_a_planted_centre_is_found_at_its_place_of_the_picture(fits, fit):
    found = fits[fit]["space_selector"].values
    assert (fits[fit]["r2_test"].values > 0.5).all()
    np.testing.assert_allclose(found, np.tile(PLACE, (len(found), 1)), atol=TOLERANCE)
    low, high = fits[fit]["space_low"].values, fits[fit]["space_high"].values
    assert (low - 1e-6 <= found).all()
    assert (found <= high + 1e-6).all()
    # Figures and the page read the same.
    np.testing.assert_array_equal(read_fit(fits[fit], "fit").place, found)
    scores = xr.Dataset({name: ("vertex", np.zeros(len(found))) for name in SCORES})
    packed, _ = fit_arrays(fits[fit], scores, np.arange(len(found)))["space"]
    np.testing.assert_array_equal(packed, found)
    assert fit_entry(fits[fit])["frame"]["fit"] == fit


SCORES = ("r2_low", "r2_high", "r2_over_ceiling", "q")


def test_the_frame_is_what_tells_the_fits_apart(fits):
    """In the squares that were shown, the place is another in each: nothing is found for free."""
    found = {
        fit: each["space_selector"].values.mean(0) / Frame.read(each.attrs).scale
        for fit, each in fits.items()
    }
    np.testing.assert_allclose(found["crop"], (0.5, -0.5), atol=TOLERANCE)
    np.testing.assert_allclose(found["pad"], (0.25, -0.25), atol=TOLERANCE)
    np.testing.assert_allclose(found["squash"], PLACE, atol=TOLERANCE)


def test_a_field_in_what_was_padded_lies_beyond_the_picture(fits):
    fit = fits["pad"].copy(deep=True)
    frame = Frame.read(fit.attrs)
    place = (("vertex", "image_axis"), np.tile((0.25, -0.75), (4, 1)), "")
    size = (("vertex",), np.full(4, 0.1), "")
    variables = in_pictures({"space_selector": place, "receptive_field_size": size}, frame)
    np.testing.assert_allclose(variables["space_selector"][1], np.tile((0.25, -1.5), (4, 1)))
    np.testing.assert_allclose(variables["receptive_field_size"][1], 0.1)
    fit["space_selector"].values[:] = variables["space_selector"][1]
    # Drawn as the nearest edge; packed as it is.
    outside = place_rgba(read_fit(fit, "fit"))
    fit["space_selector"].values[:] = (0.25, -1)
    np.testing.assert_array_equal(outside, place_rgba(read_fit(fit, "fit")))
    fit["space_selector"].values[:] = (0.25, -1.5)
    scores = xr.Dataset({name: ("vertex", np.zeros(4)) for name in SCORES})
    values, coding = fit_arrays(fit, scores, np.arange(4))["space"]
    assert coding.dtype == "float16"
    assert values.min() == -1.5


def test_sizes_are_in_picture_widths():
    half = Frame.of_sizes("crop", [(64, 32)])
    size = (("vertex",), np.full(3, 0.2), "")
    assert in_pictures({"size_low": size}, half)["size_low"][1] == pytest.approx(0.1)


def test_pictures_of_several_shapes_keep_the_square_and_say_so():
    sizes = [(640, 480), (480, 640)]
    assert Frame.of_sizes("squash", sizes) == Frame()
    for fit in ("crop", "pad"):
        frame = Frame.of_sizes(fit, sizes)
        assert (frame.of, frame.scale) == ("window", (1.0, 1.0))
        place = (("vertex", "image_axis"), np.full((2, 2), 0.5), "centre")
        values, text = in_pictures({"space_selector": place}, frame)["space_selector"][1:]
        np.testing.assert_array_equal(values, 0.5)
        assert text.endswith("of the square that the network was shown")
    # A pixel more or less is no other shape.
    assert Frame.of_sizes("crop", [(640, 427), (640, 426)]).of == "picture"
    assert Frame.read({}) == Frame()
    read = Frame.read({"place_frame": Frame.of_sizes("pad", [(64, 32)]).entry()})
    assert (read.fit, read.of, read.scale) == ("pad", "picture", (1.0, 2.0))


def test_the_key_of_features_names_the_fit(folder, fits):
    keys = {open_features(folder / f"{fit}.zarr").attributes["key"] for fit in FITS}
    assert len(keys) == 3
    described = load_backbone(
        BackboneRow("pixels", "control", "pixels", layers="scales.0,scales.1")
    ).description
    plain = shaping_key(described, ImageSet.read(folder / "images.tsv").sha256, 8, "area")
    assert plain == open_features(folder / "squash.zarr").attributes["key"]


def test_features_of_before_the_choice_are_of_squashed_pictures():
    """Though the same row would now be shown crops."""
    columns = {"backbone": "net", "source": "torchvision", "name": "squeezenet1_0"}
    columns |= {"layers": "features.3", "weights": None, "input_size": 64}
    now = load_backbone(BackboneRow.from_columns(columns))
    assert now.preprocess.fit == "crop"
    weights, made = now.description["weights_sha256"], Path("model.safetensors")
    again = network_of(columns, weights, made, cache="weights")
    assert again.preprocess.fit == "squash"
    again = network_of(columns | {"fit": None}, weights, made, cache="weights")
    assert again.preprocess.fit == "crop"


@pytest.mark.parametrize(
    ("source", "name", "fit"),
    [
        ("timm", "resnet10t", "crop"),
        ("timm", "convnext_tiny.in12k_ft_in1k_384", "squash"),
        ("torchvision", "squeezenet1_0", "crop"),
        ("control", "pixels", "squash"),
        ("zoo", "vit-demo", "squash"),
    ],
)
def test_the_default_is_that_of_the_source(source, name, fit):
    built = build(BackboneRow("net", source, name))
    assert built.library.fit == fit


def test_a_border_of_timm_is_padding(monkeypatch):
    from timm.data import config

    read = config.resolve_model_data_config
    bordered = lambda network: read(network) | {"crop_mode": "border"}  # noqa: E731
    monkeypatch.setattr(config, "resolve_model_data_config", bordered)
    assert build(BackboneRow("net", "timm", "resnet10t")).library.fit == "pad"


@pytest.mark.parametrize(
    ("tag", "fit"), [("ViT-B-16-SigLIP/webli", "squash"), ("ViT-B-32/openai", "crop")]
)
def test_open_clip_says_how_each_tag_is_shown(tag, fit):
    import open_clip

    from cortexlens.backbones.open_clip_source import FITS as WAYS

    mode = open_clip.get_pretrained_cfg(*tag.split("/")).get("resize_mode")
    assert WAYS[mode or "shortest"] == fit


def test_a_picture_on_its_side_counts_as_it_is_shown(tmp_path):
    (tmp_path / "p").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("a.jpg", "b.png"):
        stripes(64, 32).save(tmp_path / "p" / name, exif=exif)
    stripes(64, 32).save(tmp_path / "p" / "c.png")
    images = ImageSet.from_folder(tmp_path / "p")
    assert images.sizes == ["32x64", "32x64", "64x32"]
    assert [images.open(i).size for i in range(3)] == [(32, 64), (32, 64), (64, 32)]
    images.write(tmp_path / "images.tsv")
    assert ImageSet.read(tmp_path / "images.tsv") == images
    # A table of before sizes were written down: the pictures are looked at.
    old = ImageSet(images.ids, images.sources, images.sha256)
    assert old.shapes() == {(32, 64): 2, (64, 32): 1}
    assert images.those([2]).frame("crop").scale == (0.5, 1.0)


def test_what_is_shown_to_people_is_what_the_network_sees():
    picture = stripes(64, 32)
    assert as_square(picture, "squash") is picture
    cropped, padded = as_square(picture, "crop"), as_square(picture, "pad")
    assert (cropped.size, padded.size) == ((32, 32), (64, 64))
    assert {cropped.getpixel((x, 16)) for x in (0, 31)} == {(0, 255, 0)}
    assert padded.getpixel((0, 0)) == BACKDROP
    assert padded.getpixel((0, 32)) == (255, 0, 0)
    assert as_square(stripes(32, 64), "crop").getpixel((16, 0)) == (0, 255, 0)


def test_a_fit_that_is_none_is_one_line():
    with pytest.raises(CortexlensError, match=r"column fit holds 'stretch'; allowed: squash or"):
        BackboneRow("net", "zoo", "vit-demo", fit="stretch")
    with pytest.raises(CortexlensError, match=r"size '0x3' is not WIDTHxHEIGHT"):
        ImageSet(["a"], ["a"], ["0" * 64], sizes=["0x3"])
