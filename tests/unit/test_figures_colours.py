"""Colours: told apart by every kind of eye, in grey too, and dimmed without changing hue."""

import numpy as np
import pytest

from cortexlens.figures.drawing.colours import depth_colours, place_colours

# Simulated colour blindness (Machado, Oliveira and Fernandes 2009, full severity), linear RGB.
EYES = {
    "normal": np.eye(3),
    "deuteranope": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanope": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "tritanope": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def _linear(srgb):
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _luminance(srgb):
    return _linear(srgb) @ [0.2126, 0.7152, 0.0722]


def _lab(linear):
    """CIE L*a*b* under D65: another space than the one that the colours were mixed in."""
    xyz = np.clip(linear, 0, 1) @ np.array(
        [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
    )
    x, y, z = np.cbrt(np.maximum(xyz / [0.9505, 1, 1.089], 0.008856)).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _seen_by(eye, srgb):
    return _lab(_linear(srgb) @ EYES[eye].T)


@pytest.mark.parametrize("eye", EYES)
def test_neighbouring_layers_of_eight_differ_for_every_eye(eye):
    layers = _seen_by(eye, depth_colours(np.linspace(0, 1, 8), np.ones(8)))
    steps = np.linalg.norm(np.diff(layers, axis=0), axis=1)
    # A difference of 2.3 in L*a*b* is just noticeable.
    assert steps.min() > 5
    apart = np.linalg.norm(layers[:, None] - layers[None], axis=-1)
    assert apart[np.triu_indices(8, 2)].min() > 9


def test_later_layers_are_lighter_so_that_the_order_survives_grey():
    grey = _luminance(depth_colours(np.linspace(0, 1, 12), np.ones(12)))
    assert (np.diff(grey) > 0).all()


def test_confidence_dims_without_changing_hue():
    full, dim = (_linear(depth_colours(np.linspace(0, 1, 9), np.full(9, s))) for s in (1.0, 0.3))
    lit = full > 0.01
    ratio = (dim / np.where(lit, full, 1))[lit]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-3)
    assert 0.02 < ratio[0] < 0.5


def test_what_is_unknown_has_no_colour_and_what_is_out_of_range_the_nearest():
    assert np.isnan(depth_colours(np.array([np.nan, 0.5]), np.array([0.5, np.nan]))).all()
    assert np.isnan(place_colours(np.array([[np.nan, 0.0]]))).all()
    inside, outside = depth_colours(np.array([1.0, 1.7]), np.array([1.0, 1.2]))
    np.testing.assert_array_equal(inside, outside)
    corner, beyond = place_colours(np.array([[1.0, -1.0], [3.0, -2.0]]))
    np.testing.assert_array_equal(corner, beyond)


@pytest.mark.parametrize("eye", ["normal", "deuteranope", "protanope"])
def test_left_is_bluer_than_right_and_up_lighter_than_down_for_every_eye(eye):
    steps = np.linspace(-1, 1, 9)
    x, y = np.meshgrid(steps, steps)
    lab = _seen_by(eye, place_colours(np.stack([x, y], axis=-1)).reshape(-1, 3)).reshape(9, 9, 3)
    assert (np.diff(lab[..., 2], axis=1) > 1).all()
    assert (np.diff(lab[..., 0], axis=0) < -1).all()
