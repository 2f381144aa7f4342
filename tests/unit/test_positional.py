import math

import numpy as np
import pytest
import torch

from cortexlens.encoding.positional import SinusoidalCode


@pytest.fixture
def coordinates():
    """Places in mm; the second axis is the longest, and no axis starts at 0."""
    unit = torch.rand(40, 3, generator=torch.Generator().manual_seed(0))
    return unit * torch.tensor([60.0, 170.0, 90.0]) + torch.tensor([-30.0, -110.0, 5.0])


def literal_numbers(coordinates):
    """All sines and cosines of a vertex in a row, axis by axis; their order is not the method's."""
    places = coordinates.double().tolist()
    lowest = [min(place[axis] for place in places) for axis in range(3)]
    spans = [max(place[axis] for place in places) - lowest[axis] for axis in range(3)]
    rows = []
    for place in places:
        row = []
        for axis in range(3):
            position = (place[axis] - lowest[axis]) / max(spans) * 100
            for k in range(32):
                phase = position * 1000 ** (-k / 32)
                row += [math.sin(phase), math.cos(phase)]
        rows.append(row)
    return np.array(rows)


def test_the_code_is_32_sines_and_cosines_of_every_axis(coordinates):
    code = SinusoidalCode(coordinates)
    found = code(coordinates).numpy()
    expected = literal_numbers(coordinates)
    assert found.shape == expected.shape == (40, code.n_codes) == (40, 192)
    distance = np.abs(found[:, :, None] - expected[:, None]).max(axis=0)
    assert sorted(distance.argmin(axis=1).tolist()) == list(range(192))
    assert distance.min(axis=1).max() < 5e-5


def test_the_bounds_belong_to_the_model(coordinates):
    code = SinusoidalCode(coordinates)
    whole = code(coordinates)
    torch.testing.assert_close(code(coordinates[7:9]), whole[7:9], rtol=0, atol=1e-6)
    restored = SinusoidalCode(torch.rand(3, 3))
    restored.load_state_dict(code.state_dict())
    assert torch.equal(restored(coordinates), whole)


def test_units_and_origin_do_not_matter(coordinates):
    one = SinusoidalCode(coordinates)(coordinates)
    moved = coordinates * 0.1 + 7
    torch.testing.assert_close(SinusoidalCode(moved)(moved), one, rtol=0, atol=1e-3)


@pytest.mark.parametrize("axes", [1, 2])
def test_other_numbers_of_axes(axes):
    coordinates = torch.rand(5, axes)
    code = SinusoidalCode(coordinates)
    assert code(coordinates).shape == (5, 64 * axes) == (5, code.n_codes)


def test_a_single_vertex_has_a_finite_code():
    place = torch.tensor([[3.0, -4.0, 5.0]])
    found = SinusoidalCode(place)(place)
    assert sorted(found[0].tolist()) == [0.0] * 96 + [1.0] * 96
