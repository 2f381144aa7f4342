"""Maps: a vertex's colour is the key's, at the vertex's place, on its own hemisphere."""

import io

import matplotlib
import numpy as np
import pytest
from PIL import Image
from tests.fits import synthetic_fit, volume_fit

from cortexlens.cortex.meshes import fsaverage5_surface
from cortexlens.figures.drawing.colours import SCORES, depth_colours, place_colours
from cortexlens.figures.drawing.labels import place_labels
from cortexlens.figures.drawing.panels import UNPREDICTED
from cortexlens.figures.drawing.style import house_style, save
from cortexlens.figures.maps.cortex import map_figures
from cortexlens.figures.maps.fits import read_fit
from cortexlens.figures.maps.flatmaps import flat_sheet, shown_window


def _map(fit, name, whole=False):
    figure = map_figures(fit, whole=whole, only=[name])[name]
    figure.canvas.draw()
    return figure


def _pixels(figure):
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)


def _at(figure, axes, x, y):
    """Colour of the figure at a place in the data coordinates of some axes."""
    pixels = _pixels(figure)
    across, up = axes.transData.transform((x, y))
    return pixels[pixels.shape[0] - 1 - int(up), int(across)]


def _inner_vertex(dataset, side):
    """Row of a fitted vertex that is drawn large, away from outlines, and its flat place."""
    flat, faces = fsaverage5_surface("flat", side)
    whole = np.bincount(faces.ravel(), minlength=len(flat)) >= 6
    rows = np.flatnonzero(dataset["hemisphere"].values == side)
    rows = [row for row in rows if whole[dataset["vertex_index"].values[row]]]
    row = rows[len(rows) // 2]
    return row, flat[dataset["vertex_index"].values[row], :2]


def _planted(side, **values):
    """Fit of which only one vertex is known, so that nothing is drawn over it."""
    dataset = synthetic_fit(n_vertices=600, rois=False)
    row, place = _inner_vertex(dataset, side)
    for name in ("layer_selector", "space_selector", "scale_selector", "r2_test", "noise_ceiling"):
        dataset[name].values[np.arange(600) != row] = np.nan
    for name, value in values.items():
        dataset[name].values[row] = value
    return read_fit(dataset, "fit"), place


def _rounded(colour):
    return np.rint(255 * np.asarray(colour)).astype(int)


@pytest.mark.parametrize("side", [0, 1])
def test_a_planted_vertex_has_the_colour_that_the_layer_key_says(side):
    selector = np.zeros(8)
    selector[5] = 1
    fit, place = _planted(side, layer_selector=selector, confidence=0.75)
    figure = _map(fit, "layer")
    found = _at(figure, figure.axes[side], *place)
    expected = _rounded(depth_colours(np.array(5 / 7), np.array(0.75)))
    np.testing.assert_allclose(found, expected, atol=1)
    key = next(axes for axes in figure.axes if axes.get_xlabel() == "confidence")
    assert key.get_yticklabels()[5].get_text() == "blocks.5"
    np.testing.assert_allclose(_at(figure, key, 0.75, 5), expected, atol=3)


@pytest.mark.parametrize("side", [0, 1])
def test_hemispheres_are_not_swapped(side):
    fit, _ = _planted(side, space_selector=[0.9, 0.9], r2_test=0.3)
    figure = _map(fit, "space")
    colour = _rounded(place_colours(np.array([0.9, 0.9])))
    hits = np.flatnonzero((np.abs(_pixels(figure) - colour).max(axis=2) <= 1).any(axis=0))
    left, right = (axes.get_window_extent() for axes in figure.axes[:2])
    assert left.x1 < right.x0
    shown = (left, right)[side]
    on_maps = hits[hits < right.x1]
    assert on_maps.size
    assert shown.x0 <= on_maps.min() <= on_maps.max() <= shown.x1


def test_a_planted_place_has_the_colour_of_the_square_key():
    fit, place = _planted(0, space_selector=[-0.5, 0.25], r2_test=0.1)
    figure = _map(fit, "space")
    key = next(axes for axes in figure.axes if axes.get_ylim() == (1, -1))
    expected = _rounded(place_colours(np.array([-0.5, 0.25])))
    np.testing.assert_allclose(_at(figure, figure.axes[0], *place), expected, atol=1)
    np.testing.assert_allclose(_at(figure, key, -0.5, 0.25), expected, atol=4)


def test_unpredicted_vertices_are_pale_where_selectors_are_shown():
    colours = []
    for r2 in (0.2, -0.2):
        fit, place = _planted(0, scale_selector=0.0, r2_test=r2)
        figure = _map(fit, "scale")
        colours.append(_at(figure, figure.axes[0], *place))
    full, pale = colours
    assert pale.mean() > full.mean() + 60
    bare = (pale - UNPREDICTED * full) / (1 - UNPREDICTED)
    assert np.ptp(bare) < 3


@pytest.mark.parametrize("name", ["space", "scale"])
def test_vertices_without_any_score_keep_their_colours(name):
    drawn = []
    for r2 in (0.2, np.nan):
        dataset = synthetic_fit(n_vertices=300)
        dataset["r2_test"].values[:] = r2
        drawn.append(_map(read_fit(dataset, "fit"), name))
    for axes in drawn[0].axes[:2]:
        left, bottom, right, top = axes.get_window_extent().extents.astype(int)
        scored, unscored = (_pixels(figure)[::-1][bottom:top, left:right] for figure in drawn)
        np.testing.assert_array_equal(unscored, scored)
    texts = [text.get_text() for text in drawn[1].texts]
    assert any("test R² unknown" in text for text in texts)
    assert not any("pale" in text for text in texts)


def test_negative_scores_are_the_lowest_colour_and_the_best_the_highest():
    for r2, colour in ((-0.5, SCORES(0.0)), (0.4, SCORES(1.0))):
        fit, place = _planted(1, r2_test=r2)
        figure = _map(fit, "r2")
        np.testing.assert_allclose(
            _at(figure, figure.axes[1], *place), _rounded(colour[:3]), atol=1
        )


def test_the_ceiling_is_drawn_only_when_it_is_known():
    dataset = synthetic_fit(n_vertices=300)
    with_ceiling = _map(read_fit(dataset, "fit"), "r2")
    dataset["noise_ceiling"].values[:] = np.nan
    without = _map(read_fit(dataset, "fit"), "r2")
    assert with_ceiling.get_figwidth() > 1.5 * without.get_figwidth()
    texts = [text.get_text() for text in with_ceiling.texts]
    assert "noise ceiling" in texts
    assert "noise ceiling" not in [text.get_text() for text in without.texts]


def test_unknown_vertices_show_bare_grey_cortex():
    fit, place = _planted(0, layer_selector=np.full(8, np.nan))
    figure = _map(fit, "layer")
    colour = _at(figure, figure.axes[0], *place)
    assert np.ptp(colour) == 0
    assert 150 < colour[0] < 250


def test_a_fit_of_nothing_but_unknowns_is_drawn():
    dataset = synthetic_fit(n_vertices=40)
    for name in ("layer_selector", "space_selector", "scale_selector", "confidence", "r2_test"):
        dataset[name].values[:] = np.nan
    figures = map_figures(read_fit(dataset, "fit"))
    assert any("test R² unknown" in text.get_text() for text in figures["layer"].texts)


def test_one_hemisphere_and_one_vertex_are_enough():
    dataset = synthetic_fit(n_vertices=40).isel(vertex=[3])
    assert set(map_figures(read_fit(dataset, "fit"))) == {"layer", "space", "scale", "r2"}


def test_outlines_and_names_only_where_there_are_regions():
    for rois, names in ((True, {"V1", "V2", "V3", "hV4", "PPA"}), (False, set())):
        fit = read_fit(synthetic_fit(n_vertices=1500, rois=rois), "fit")
        sheet = flat_sheet(fit, shown_window([fit.cortex]), 3, 4)
        for side in sheet.sides:
            assert {label.text for label in side.labels} == names
            assert bool(side.outlines) is rois
            assert side.border


def test_a_region_that_others_cover_is_not_outlined():
    dataset = synthetic_fit(n_vertices=1500)
    everything = dataset["roi_mask"].isel(roi=[0]).copy(data=np.ones((1500, 1), bool))
    dataset = dataset.drop_vars("roi_mask").assign_coords(roi=[*dataset["roi"].values, "all"])
    dataset["roi_mask"] = (
        ("vertex", "roi"),
        np.concatenate([synthetic_fit(n_vertices=1500)["roi_mask"].values, everything], axis=1),
    )
    fit = read_fit(dataset, "fit")
    sheet = flat_sheet(fit, shown_window([fit.cortex]), 3, 4)
    assert "all" in fit.regions
    assert "all" not in {label.text for label in sheet.sides[0].labels}


def test_names_stand_inside_their_regions_and_apart():
    fit = read_fit(synthetic_fit(n_vertices=2500), "fit")
    sheet = flat_sheet(fit, shown_window([fit.cortex]), 3, 4)
    side = sheet.sides[0]
    masks = {name: (side.row >= 0) & mask[side.row] for name, mask in fit.regions.items()}
    window, size = side.raster.window, 4.0
    labels = place_labels(masks, window, size)
    pixel = (window.top - window.bottom) / side.row.shape[0]
    for label in labels:
        row, column = (window.top - label.y) / pixel, (label.x - window.left) / pixel
        near = masks[label.text][int(row) - 3 : int(row) + 4, int(column) - 3 : int(column) + 4]
        assert near.any()
    for i, one in enumerate(labels):
        for other in labels[:i]:
            apart_x = abs(one.x - other.x) >= 0.72 * size * (len(one.text) + len(other.text)) / 2
            assert apart_x or abs(one.y - other.y) >= 1.25 * size


def test_the_whole_hemisphere_on_request():
    fit = read_fit(synthetic_fit(n_vertices=600), "fit")
    part, whole = (_map(fit, "layer", whole).axes[0] for whole in (False, True))
    assert np.ptp(part.get_xlim()) < 0.7 * np.ptp(whole.get_xlim())
    assert np.ptp(whole.get_xlim()) > 310


def _written(figure, tmp_path):
    save(figure, tmp_path / "x.png", title="a title", source="abc")
    return (tmp_path / "x.png").read_bytes()


def test_files_depend_on_the_picture_alone(tmp_path):
    fit = read_fit(synthetic_fit(n_vertices=300), "fit")
    first = _written(_map(fit, "layer"), tmp_path)
    with matplotlib.rc_context({"font.size": 20, "savefig.dpi": 40, "axes.facecolor": "red"}):
        second = _written(_map(fit, "layer"), tmp_path)
    assert first == second
    text = Image.open(io.BytesIO(first)).text
    assert text == {"Software": "cortexlens", "Title": "a title", "Source": "abc"}


def test_the_house_style_leaves_no_trace():
    before = dict(matplotlib.rcParams)
    with house_style():
        assert matplotlib.rcParams["axes.spines.top"] is False
    assert dict(matplotlib.rcParams) == before


def test_a_planted_voxel_is_drawn_at_the_vertices_that_lie_in_it():
    dataset = volume_fit(600, surface=True, rois=False)
    flat, faces = fsaverage5_surface("flat", 0)
    whole = np.bincount(faces.ravel(), minlength=len(flat)) >= 6
    shown = dataset["surface_vertex"].values[dataset["surface_hemisphere"].values == 0]
    number = next(i for i, vertex in enumerate(shown) if i > len(shown) / 2 and whole[vertex])
    row = dataset["surface_voxel"].values[number]
    for name in ("layer_selector", "r2_test", "noise_ceiling"):
        dataset[name].values[np.arange(dataset.sizes["vertex"]) != row] = np.nan
    dataset["layer_selector"].values[row] = np.eye(8)[6]
    dataset["confidence"].values[row] = 1
    figure = _map(read_fit(dataset, "fit"), "layer")
    found = _at(figure, figure.axes[0], *flat[shown[number], :2])
    np.testing.assert_allclose(
        found, _rounded(depth_colours(np.array(6 / 7), np.array(1.0))), atol=1
    )
