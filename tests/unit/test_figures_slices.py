"""Slices: a voxel's colour is the key's, at the voxel's place, whatever the volume's axes are."""

import numpy as np
import pytest
from tests.fits import volume_fit

from cortexlens.errors import CortexlensError
from cortexlens.figures.drawing.colours import SCORES, depth_colours, place_colours
from cortexlens.figures.drawing.keys import score_top
from cortexlens.figures.drawing.panels import UNPREDICTED, maps_of
from cortexlens.figures.maps.fits import read_fit
from cortexlens.figures.maps.slices import (
    AXIAL,
    CORONAL,
    SAGITTAL,
    chosen_slices,
    slice_sheet,
    upright,
)
from cortexlens.figures.maps.volume import slice_figures

# Flipped and permuted, as scanners store volumes.
TURNED = {
    "RAS": np.eye(3),
    "LPS": np.diag([-1.0, -1, 1]),
    "PSR": np.array([[0, 0, 1.0], [-1, 0, 0], [0, 1, 0]]),
    "ILA": np.array([[0, -1.0, 0], [0, 0, 1], [-1, 0, 0]]),
}


def block(turned=TURNED["RAS"], sizes=(2.0, 3.0, 4.0), box=(12, 10, 5), planted=None, **values):
    """Fit of a box of voxels, all unknown but the one at ``planted`` (right, front, up).

    ``sizes`` and ``box`` are along right, front and up; the first voxel's centre is at
    (-11, -70, 20) mm.
    """
    dataset = volume_fit(60).isel(vertex=[0] * int(np.prod(box)))
    inside = np.argwhere(np.ones(box, bool))
    places = inside * sizes + np.array([-11.0, -70, 20])
    matrix = np.diag(sizes) @ turned
    steps = places @ np.linalg.inv(matrix).T
    start = steps.min(axis=0) - 2
    voxel = np.rint(steps - start).astype(np.int64)
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = matrix, matrix @ start
    dataset["voxel"] = (("vertex", "axis"), voxel)
    dataset.attrs.update(
        volume_affine=affine.tolist(), volume_shape=(voxel.max(axis=0) + 3).tolist()
    )
    dataset = dataset.drop_vars(["roi_mask", "roi"]).copy(deep=True)
    row = 0 if planted is None else int(np.ravel_multi_index(planted, box))
    for name in ("layer_selector", "space_selector", "scale_selector", "r2_test", "noise_ceiling"):
        dataset[name].values[np.arange(len(inside)) != row] = np.nan
    for name, value in values.items():
        dataset[name].values[row] = value
    return dataset, places[row]


def pictures(figure):
    """Array, extent and what is written below it of each slice."""
    found = {}
    below = [text for text in figure.texts if text.get_text().endswith("mm") and "=" in str(text)]
    for axes, text in zip(figure.axes, below, strict=False):
        (image,) = axes.images
        found[text.get_text()] = (np.asarray(image.get_array()), image.get_extent())
    return found


def hit(array, extent, colour):
    """Middle, in mm, of the pixels of one colour."""
    rows, columns = np.nonzero(np.abs(array.astype(int) - colour).max(axis=2) <= 1)
    left, right, bottom, top = extent
    x = left + (columns.mean() + 0.5) * (right - left) / array.shape[1]
    y = top - (rows.mean() + 0.5) * (top - bottom) / array.shape[0]
    return x, y, len(rows)


def rounded(colour):
    return np.rint(255 * np.asarray(colour)).astype(int)


@pytest.mark.parametrize("turned", TURNED.values(), ids=TURNED)
def test_a_planted_voxel_is_at_its_place_of_its_slice_in_its_colour(turned):
    selector = np.zeros(8)
    selector[5] = 1
    dataset, place = block(turned, planted=(10, 2, 3), layer_selector=selector, confidence=0.75)
    np.testing.assert_array_equal(place, [9, -64, 32])
    figure = slice_figures(read_fit(dataset, "fit"), only=["layer"])["layer"]
    expected = rounded(depth_colours(np.array(5 / 7), np.array(0.75)))
    found = pictures(figure)
    assert list(found) == [f"z = {z} mm" for z in (20, 24, 28, 32, 36)]
    for name, (array, extent) in found.items():
        hits = (np.abs(array.astype(int) - expected).max(axis=2) <= 1).sum()
        assert bool(hits) is (name == "z = 32 mm")
        assert array.shape[1] / array.shape[0] == pytest.approx(
            (extent[1] - extent[0]) / (extent[3] - extent[2]), rel=0.02
        )
    x, y, n_pixels = hit(*found["z = 32 mm"], expected)
    np.testing.assert_allclose([x, y], place[:2], atol=0.3)
    assert n_pixels == 4 * 6  # 2 mm across and 3 mm up, four pixels along the shorter side


def restored(dataset, turned):
    """The same fit from a file whose axes have another order and direction."""
    matrix = turned.astype(int)
    shape = np.array(dataset.attrs["volume_shape"])
    # Steps along the new axes for one along each old one; flipped axes count from their end.
    last = np.where(matrix.T.sum(axis=1) < 0, matrix.T @ -(shape - 1), 0)
    voxel = dataset["voxel"].values @ matrix + last
    affine = np.array(dataset.attrs["volume_affine"])
    back = np.eye(4)
    back[:3, :3], back[:3, 3] = matrix, -matrix @ last
    return dataset.assign(voxel=(("vertex", "axis"), voxel)).assign_attrs(
        volume_affine=(affine @ back).tolist(), volume_shape=np.abs(matrix.T @ shape).tolist()
    )


def test_any_order_and_direction_of_axes_gives_the_same_picture():
    drawn, given = [], volume_fit(700, 3.0, n_layers=4)
    for turned in TURNED.values():
        dataset = restored(given, turned)
        figure = slice_figures(read_fit(dataset, "fit"), only=["layer"])["layer"]
        drawn.append(pictures(figure))
    for other in drawn[1:]:
        assert list(other) == list(drawn[0])
        for name, (array, extent) in other.items():
            np.testing.assert_array_equal(array, drawn[0][name][0])
            np.testing.assert_allclose(extent, drawn[0][name][1])


def test_left_is_left_and_says_so():
    for planted, side in (((0, 5, 2), "left"), ((11, 5, 2), "right")):
        dataset, _ = block(planted=planted, space_selector=[0.9, 0.9], r2_test=0.3)
        figure = slice_figures(read_fit(dataset, "fit"), only=["space"])["space"]
        array, extent = pictures(figure)["z = 28 mm"]
        x, _, _ = hit(array, extent, rounded(place_colours(np.array([0.9, 0.9]))))
        assert bool(x < 0) is (side == "left")
        letters = {text.get_text(): text.get_position()[0] for text in figure.texts}
        assert letters["L"] < letters["R"]


def test_scores_unpredicted_and_unknown_voxels():
    dataset, _ = block(planted=(3, 3, 2), r2_test=0.4, noise_ceiling=np.nan)
    array, extent = pictures(slice_figures(read_fit(dataset, "f"), only=["r2"])["r2"])["z = 28 mm"]
    assert hit(array, extent, rounded(SCORES(0.4 / score_top(np.array([0.4])))[:3]))[2] == 24
    # Beside the voxels it is lighter than where there is one of which nothing is known.
    greys = np.unique(array[np.ptp(array.astype(int), axis=2) == 0])
    assert len(greys) == 2
    assert array[0, 0, 0] == greys.max()
    colours = []
    for r2 in (0.2, -0.2):
        dataset, _ = block(planted=(3, 3, 2), scale_selector=0.0, r2_test=r2)
        figure = slice_figures(read_fit(dataset, "f"), only=["scale"])["scale"]
        array, _ = pictures(figure)["z = 28 mm"]
        chromatic = np.ptp(array.astype(int), axis=2) > 3
        colours.append(array[chromatic][0].astype(int))
    bare = (colours[1] - UNPREDICTED * colours[0]) / (1 - UNPREDICTED)
    np.testing.assert_allclose(bare, greys.min(), atol=2)


def test_slices_are_even_and_leave_empty_ends_out():
    assert chosen_slices(np.array([3, 3, 5]), 12) == [3, 5]
    assert chosen_slices(np.arange(100) % 13, 12) == [0, 2, 4, 6, 8, 10, 12]
    assert chosen_slices(np.arange(440) // 10, 12) == list(range(1, 44, 4))
    lone = np.concatenate([[0], np.repeat(np.arange(30, 40), 50), [90]])
    assert chosen_slices(lone, 12) == list(range(30, 40))


@pytest.mark.parametrize(
    ("box", "axis"),
    [((10, 10, 10), AXIAL), ((60, 5, 60), CORONAL), ((4, 60, 60), SAGITTAL), ((1, 1, 1), AXIAL)],
)
def test_the_cut_is_axial_unless_another_shows_more(box, axis):
    dataset, _ = block(box=box)
    sheet = slice_sheet(read_fit(dataset, "f"), 6, 5, gap=0.1, foot=0.1)
    assert sheet.axis == axis
    shown = np.unique(np.concatenate([part.row.ravel() for part in sheet.slices]))
    assert shown.max() < np.prod(box)
    figures = slice_figures(read_fit(dataset, "f"))
    assert set(figures) == set(maps_of(read_fit(dataset, "f")))
    for figure in figures.values():
        figure.canvas.draw()


def test_oblique_volumes_keep_their_hands():
    angle = np.deg2rad(20)
    tilt = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    dataset, _ = block(planted=(10, 2, 3))
    affine = np.eye(4)
    affine[:3, :3] = tilt @ np.diag([-2.0, 2, 2])
    dataset.attrs["volume_affine"] = affine.tolist()
    volume = read_fit(dataset, "f").volume
    turned = upright(volume)
    places = volume.voxel @ affine[:3, :3].T
    again = turned.voxel @ turned.affine[:3, :3].T + turned.affine[:3, 3]
    np.testing.assert_allclose(again, places, atol=1e-9)
    assert (np.diag(turned.affine)[:3] > 0).all()
    np.testing.assert_allclose(turned.size, 2)


def test_regions_are_outlined_where_they_are_and_named_once():
    fit = read_fit(volume_fit(2500, 2.0), "f")
    sheet = slice_sheet(fit, 6, 5, gap=0.1, foot=0.1)
    for part in sheet.slices:
        inside = [mask[part.row[part.row >= 0]].any() for mask in fit.regions.values()]
        assert bool(part.outlines) is any(inside)
        for label in part.labels:
            assert fit.regions[label.text][part.row[part.row >= 0]].any()
    named = [{label.text for label in part.labels} for part in sheet.slices]
    assert sorted(name for names in named for name in names) == sorted(fit.regions)
    assert (
        not slice_sheet(read_fit(volume_fit(500, rois=False), "f"), 6, 5, gap=0, foot=0)
        .slices[0]
        .outlines
    )


def _overlapping(figure):
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.texts if text.get_text()]
    return [
        (one, other)
        for number, one in enumerate(boxes)
        for other in boxes[:number]
        if one.overlaps(other)
    ]


@pytest.mark.parametrize("size", [0.5, 1.8, 3.0])
def test_no_text_covers_another(size):
    dataset = volume_fit(1200, 3.0, n_layers=30)
    affine = np.array(dataset.attrs["volume_affine"])
    affine[:3] *= size / 3
    dataset.attrs["volume_affine"] = affine.tolist()
    for figure in slice_figures(read_fit(dataset, "f")).values():
        assert _overlapping(figure) == []


@pytest.mark.parametrize("box", [(1, 1, 1), (3, 40, 15), (60, 2, 2), (2, 5, 60)])
def test_no_text_covers_another_below_narrow_slices(box):
    dataset, _ = block(box=box)
    for figure in slice_figures(read_fit(dataset, "f")).values():
        assert _overlapping(figure) == []
        width, height = figure.bbox.size
        for axes in figure.axes:
            edges = axes.get_window_extent()
            assert edges.x0 >= 0
            assert edges.y0 >= 0
            assert edges.x1 <= width
            assert edges.y1 <= height


def _damaged(**attributes):
    return volume_fit(60).assign_attrs(**attributes)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (
            lambda: _damaged(volume_shape=[2, 2, 2]),
            r"fit: voxel .* at row 0 lies outside the volume of",
        ),
        (lambda: _damaged(volume_affine=np.zeros((4, 4)).tolist()), "gives voxels no size"),
        (lambda: _damaged(volume_affine=np.full((4, 4), np.nan).tolist()), "gives voxels no size"),
        (lambda: _damaged(volume_affine=np.eye(3).tolist()), r"an affine of \(3, 3\)"),
        (lambda: _damaged(volume_shape=[9, 9]), "volume of 2 axes; needed are three"),
    ],
)
def test_nonsense_is_refused_in_one_line(dataset, message):
    with pytest.raises(CortexlensError, match=message):
        read_fit(dataset(), "fit")


def test_a_volume_is_known_by_what_it_holds_and_not_by_its_space():
    for space in ("volume", "func1pt8mm", None):
        assert read_fit(volume_fit(60).assign_attrs(space=space), "f").volume is not None
    for name in ("volume_affine", "volume_shape"):
        dataset = volume_fit(60)
        del dataset.attrs[name]
        assert read_fit(dataset, "f").volume is None
    assert read_fit(volume_fit(60).drop_vars("voxel"), "f").volume is None
