"""Controls answer as plain filters do."""

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from cortexlens.backbones.controls import BLURS, CONTROL_SIZE, LUMINANCE
from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.errors import CortexlensError
from cortexlens.study.simulation.gabor import FREQUENCIES, GRID, N_ORIENTATIONS, gabor_amplitudes


def control(name, **cells):
    row = {"backbone": "c", "source": "control", "name": name, **cells}
    return load_backbone(BackboneRow.from_columns(row))


@pytest.fixture(scope="module")
def pictures():
    """Smooth noise, from 0 to 1."""
    rng = np.random.default_rng(0)
    noise = gaussian_filter(rng.standard_normal((2, 3, CONTROL_SIZE, CONTROL_SIZE)), (0, 0, 1, 1))
    return ((noise - noise.min()) / np.ptp(noise)).astype(np.float32)


def test_the_pyramid_has_the_amplitudes_of_the_spectral_bank(pictures):
    tokens = control("gabor-pyramid").tokens(torch.from_numpy(pictures))
    luminance = np.tensordot(pictures, np.float32(LUMINANCE), (1, 0))
    expected = gabor_amplitudes(luminance).reshape(2, len(FREQUENCIES), N_ORIENTATIONS, GRID, GRID)
    # away from the edges, which the two mirror differently
    inner = slice(GRID // 4, -GRID // 4)
    for layer, reference in zip(tokens, expected.swapaxes(0, 1)[::-1], strict=True):
        found = layer.local_map.numpy()[..., inner, inner]
        wanted = reference[..., inner, inner]
        # filters end in space here, and in their spectrum there
        assert np.abs(found - wanted).max() < 0.06 * wanted.max()
        np.testing.assert_allclose(layer.global_token, layer.local_map.mean((2, 3)))


@pytest.mark.parametrize("number", range(N_ORIENTATIONS))
@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_a_grating_is_answered_by_its_own_filter(frequency, number):
    turn = np.pi * number / N_ORIENTATIONS
    line = (np.arange(CONTROL_SIZE) + 0.5) / CONTROL_SIZE
    x, y = np.meshgrid(line, line)
    grating = 0.5 + 0.5 * np.cos(2 * np.pi * frequency * (x * np.cos(turn) + y * np.sin(turn)))
    batch = torch.from_numpy(np.broadcast_to(grating, (1, 3, *grating.shape)).astype(np.float32))
    tokens = control("gabor-pyramid").tokens(batch)
    strength = np.stack([layer.local_map[0, :, 12:20, 12:20].mean((1, 2)) for layer in tokens])
    place = sorted(FREQUENCIES, reverse=True).index(frequency), number
    assert np.unravel_index(strength.argmax(), strength.shape) == place
    # half the grating's amplitude is in each of its two lines of the spectrum
    assert strength.max() == pytest.approx(0.25, rel=0.05)


def test_pixels_are_blurred_colours(pictures):
    tokens = control("pixels").tokens(torch.from_numpy(pictures))
    red, green, blue = pictures.swapaxes(0, 1)
    luminance = np.tensordot(pictures, np.float32(LUMINANCE), (1, 0))
    colours = np.stack([luminance, red - green, blue - (red + green) / 2], axis=1)
    for layer, blur in zip(tokens, BLURS, strict=True):
        width = blur * CONTROL_SIZE
        expected = gaussian_filter(colours, (0, 0, width, width), mode="reflect", truncate=3.0)
        np.testing.assert_allclose(layer.local_map, expected, atol=1e-4)


def test_pictures_are_shown_as_they_are():
    shown = control("pixels").preprocess(Image.new("RGB", (50, 30), (255, 0, 51)))
    assert shown.shape == (3, CONTROL_SIZE, CONTROL_SIZE)
    assert shown[:, 7, 9].tolist() == pytest.approx([1, 0, 0.2])


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"name": "gabor"}, "column name holds 'gabor'; allowed: gabor-pyramid or pixels"),
        ({"name": "pixels", "input_size": 64}, "input_size holds '64'; allowed: an empty cell"),
        ({"name": "pixels", "weights": "packaged:x"}, "weights holds 'packaged:x'; allowed: an em"),
    ],
)
def test_what_a_control_cannot_be_is_refused(cells, message):
    with pytest.raises(CortexlensError, match=message):
        control(**cells)
