import numpy as np
import pytest
import torch

from cortexlens.backbones.network import LayerTokens
from cortexlens.features.pooling import pool_map, pool_tokens, to_halves


def maps(height, width):
    return torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(height))


def test_area_is_the_mean_of_each_cell():
    x = maps(24, 24)
    expected = x.unflatten(3, (8, 3)).unflatten(2, (8, 3)).mean((3, 5))
    torch.testing.assert_close(pool_map(x, 8, "area"), expected)


@pytest.mark.parametrize("side", [9, 13, 27, 54, 111])
def test_area_reaches_at_most_one_pixel_beyond_a_cell(side):
    """Read off the derivative: which map pixels a token depends on, and with which weight."""
    x = maps(side, side).requires_grad_()
    pool_map(x, 8, "area")[0, 0, 2, 5].backward()
    rows, columns = np.nonzero(x.grad[0, 0].numpy())
    assert rows.min() >= np.floor(2 * side / 8)
    assert rows.max() + 1 <= np.ceil(3 * side / 8)
    assert columns.min() >= np.floor(5 * side / 8)
    assert columns.max() + 1 <= np.ceil(6 * side / 8)
    assert float(x.grad[0, 0].sum()) == pytest.approx(1)


def literal_bilinear(x, grid):
    """Bilinear reading at the cells' centres, pixel-area convention, edges repeated; float64."""
    x = x.double().numpy()
    out = np.empty((*x.shape[:2], grid, grid))
    for r in range(grid):
        for c in range(grid):
            y, z = ((i + 0.5) * n / grid - 0.5 for i, n in zip((r, c), x.shape[2:], strict=True))
            y, z = (min(max(p, 0), n - 1) for p, n in zip((y, z), x.shape[2:], strict=True))
            y0, z0 = int(y), int(z)
            y1, z1 = min(y0 + 1, x.shape[2] - 1), min(z0 + 1, x.shape[3] - 1)
            top = x[:, :, y0, z0] * (1 - z + z0) + x[:, :, y0, z1] * (z - z0)
            bottom = x[:, :, y1, z0] * (1 - z + z0) + x[:, :, y1, z1] * (z - z0)
            out[:, :, r, c] = top * (1 - y + y0) + bottom * (y - y0)
    return torch.from_numpy(out)


@pytest.mark.parametrize("shape", [(27, 27), (13, 20), (7, 7), (1, 1), (3, 50)])
def test_reference_is_bilinear_without_antialiasing(shape):
    found = pool_map(maps(*shape), 8, "reference").double()
    torch.testing.assert_close(found, literal_bilinear(maps(*shape), 8), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("side", [1, 4, 7])
def test_small_maps_are_interpolated_in_both_ways(side):
    torch.testing.assert_close(
        pool_map(maps(side, side), 8, "area").double(),
        literal_bilinear(maps(side, side), 8),
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize("resize", ["area", "reference"])
@pytest.mark.parametrize("shape", [(5, 5), (8, 8), (13, 13), (4, 30)])
def test_a_constant_stays_and_a_slope_points_the_same_way(resize, shape):
    flat = pool_map(torch.full((1, 1, *shape), 3.5), 8, resize)
    torch.testing.assert_close(flat, torch.full((1, 1, 8, 8), 3.5))
    rightward = torch.arange(shape[1], dtype=torch.float32).expand(1, 1, *shape)
    assert (pool_map(rightward, 8, resize)[0, 0].diff(dim=1) >= 0).all()
    torch.testing.assert_close(
        pool_map(rightward, 8, resize)[0, 0, 0], pool_map(rightward, 8, resize)[0, 0, 7]
    )


def test_tokens_are_local_row_by_row_then_global():
    layer = LayerTokens(maps(8, 8), torch.full((2, 3), 9.0))
    tokens = pool_tokens(layer, 8, "area")
    assert tokens.shape == (2, 65, 3)
    torch.testing.assert_close(tokens[:, 8 * 2 + 5], layer.local_map[:, :, 2, 5])
    torch.testing.assert_close(tokens[:, 64], layer.global_token)


def test_values_beyond_float16_are_clipped_and_counted():
    found, n_clipped = to_halves(torch.tensor([1e9, -1e9, 65504.0, -65504.0, 70000.0, 0.1]))
    assert n_clipped == 3
    assert found.tolist() == [65504, -65504, 65504, -65504, 65504, float(np.float16(0.1))]
