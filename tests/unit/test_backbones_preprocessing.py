from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cortexlens.backbones.preprocessing import Preprocessing, resolve, zoo_defaults
from cortexlens.backbones.row import BackboneRow
from cortexlens.errors import CortexlensError

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PLAIN = Preprocessing(12, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def picture(height=40, width=30, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def kernel_bilinear(x):
    return np.maximum(0, 1 - np.abs(x))


def kernel_bicubic(x, a=-0.5):
    x = np.abs(x)
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def resampling_matrix(n_in, n_out, kernel):
    """Weights of a convolution resize: the kernel stretched by the shrinking factor."""
    scale = max(n_in / n_out, 1)
    centres = (np.arange(n_out) + 0.5) * n_in / n_out
    weights = kernel((np.arange(n_in) + 0.5 - centres[:, None]) / scale)
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("interpolation", "kernel"), [("bilinear", kernel_bilinear), ("bicubic", kernel_bicubic)]
)
@pytest.mark.parametrize("side", [12, 64])
def test_agrees_with_a_float64_resize(interpolation, kernel, side):
    preprocess = Preprocessing(side, MEAN, STD, interpolation=interpolation)
    pixels = np.asarray(picture(), dtype=np.float64)
    rows = resampling_matrix(40, side, kernel)
    columns = resampling_matrix(30, side, kernel)
    # Pillow resizes columns first and rounds to 8 bits between and after.
    between = np.clip(np.einsum("xw,hwc->hxc", columns, pixels), 0, 255)
    resized = np.clip(np.einsum("yh,hxc->yxc", rows, between), 0, 255)
    expected = ((resized / 255 - MEAN) / STD).transpose(2, 0, 1)
    found = preprocess(picture()).numpy()
    assert found.shape == (3, side, side)
    assert found.dtype == np.float32
    # Two roundings of at most half a grey level, the first stretched by the kernel's overshoot.
    np.testing.assert_allclose(found, expected, atol=1.3 / 255 / min(STD))
    assert np.abs(found - expected).mean() < 0.5 / 255 / min(STD)


def test_values_without_resizing_are_exact():
    preprocess = Preprocessing(16, MEAN, STD)
    image = picture(16, 16)
    expected = (np.asarray(image, dtype=np.float64) / 255 - MEAN) / STD
    np.testing.assert_allclose(
        preprocess(image).numpy(), expected.transpose(2, 0, 1), rtol=2e-6, atol=2e-7
    )


def test_bgr_255_takes_statistics_in_the_order_of_the_channels():
    preprocess = Preprocessing(16, (104.0, 117.0, 123.0), (1.0, 2.0, 4.0), "BGR", 255)
    image = picture(16, 16)
    red, green, blue = np.asarray(image, dtype=np.float64).transpose(2, 0, 1)
    expected = np.stack([blue - 104, (green - 117) / 2, (red - 123) / 4])
    np.testing.assert_allclose(preprocess(image).numpy(), expected, rtol=1e-6)


def test_the_whole_picture_is_seen_whatever_its_shape():
    pixels = np.zeros((20, 60, 3), dtype=np.uint8)
    pixels[:, 45:] = 255
    seen = PLAIN(Image.fromarray(pixels))[0].numpy()
    assert seen[:, :8].max() < 0.1
    assert seen[:, 10:].min() > 0.9


def test_shrinking_is_antialiased():
    checks = np.indices((120, 120)).sum(0) % 2 * 255
    image = Image.fromarray(np.repeat(checks[..., None], 3, 2).astype(np.uint8))
    for interpolation in ("bicubic", "bilinear"):
        seen = replace(PLAIN, interpolation=interpolation)(image)
        assert abs(float(seen.mean()) - 0.5) < 0.01
        assert float(seen.std()) < 0.02


def test_grey_pictures_are_shown_in_three_channels():
    seen = PLAIN(Image.new("L", (5, 5), 51))
    np.testing.assert_allclose(seen.numpy(), 0.2, rtol=1e-6)


def row(**columns):
    return BackboneRow.from_columns(
        {"backbone": "net", "source": "timm", "name": "resnet18"} | columns
    )


def test_filled_cells_win_and_empty_ones_come_from_the_library():
    library = Preprocessing(224, MEAN, STD, interpolation="bilinear")
    found = resolve(row(input_size=64, interpolation="bicubic"), library)
    assert found == replace(library, input_size=64, interpolation="bicubic")
    assert resolve(row(), library) == library
    filled = row(mean="104,117,123", std="1,1,1", channel_order="BGR", pixel_range=255)
    assert resolve(filled, library).mean == (104, 117, 123)


@pytest.mark.parametrize("missing", ["input_size", "mean"])
def test_a_network_of_unknown_origin_needs_its_cells(missing):
    columns = {"input_size": 32, "mean": "0,0,0", "std": "1,1,1"}
    del columns[missing]
    if missing == "mean":
        del columns["std"]
    with pytest.raises(CortexlensError, match=f"column {missing}"):
        resolve(row(**columns), None)


@pytest.mark.parametrize("columns", [{"channel_order": "BGR"}, {"pixel_range": 255}])
def test_the_librarys_statistics_do_not_serve_another_order_or_range(columns):
    with pytest.raises(CortexlensError, match="column mean"):
        resolve(row(**columns), Preprocessing(224, MEAN, STD))


def test_the_zoo_sees_pixels_from_minus_one_to_one():
    preprocess = zoo_defaults()
    assert preprocess.input_size == 96
    assert float(preprocess(Image.new("RGB", (9, 9), (255, 0, 255))).min()) == -1
    assert float(preprocess(Image.new("RGB", (9, 9), (255, 0, 255))).max()) == 1
