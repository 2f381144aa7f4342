"""Time steps as the layer axis: told apart from layers in every picture and table."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from test_figures_colours import EYES, _luminance, _seen_by

from cortexlens.analysis.hierarchy.slope import hierarchy_table
from cortexlens.analysis.scores.families import Sized, size_table
from cortexlens.figures.drawing.colours import depth_colours
from cortexlens.figures.maps.average import average_fit
from cortexlens.figures.maps.distributions import distribution_figures
from cortexlens.figures.maps.fits import Cortex, read_fit
from cortexlens.figures.maps.overview import overview_figure
from cortexlens.figures.maps.weights import weights_figure
from cortexlens.shapes import LAYER, TIME_STEP

ONES = np.ones(10)


@pytest.mark.parametrize("eye", ["normal", "deuteranope", "protanope"])
def test_neighbouring_time_steps_of_ten_differ_for_every_eye(eye):
    steps = _seen_by(eye, depth_colours(np.linspace(0, 1, 10), ONES, TIME_STEP))
    assert np.linalg.norm(np.diff(steps, axis=0), axis=1).min() > 4
    assert set(EYES) >= {eye}


def test_later_time_steps_are_lighter():
    grey = _luminance(depth_colours(np.linspace(0, 1, 12), np.ones(12), TIME_STEP))
    assert (np.diff(grey) > 0).all()


def test_no_time_step_has_the_colour_of_a_layer():
    layers, steps = (
        _seen_by("normal", depth_colours(np.linspace(0, 1, 33), np.ones(33), axis))
        for axis in (LAYER, TIME_STEP)
    )
    assert np.linalg.norm(layers[:, None] - steps[None], axis=-1).min() > 15


def store(backbone="net", axis=TIME_STEP):
    rng = np.random.default_rng(0)
    layer = rng.dirichlet(np.ones(4), 60)
    return xr.Dataset(
        {
            "layer_selector": (("vertex", "layer"), layer),
            "space_selector": (("vertex", "image_axis"), rng.uniform(-1, 1, (60, 2))),
            "scale_selector": ("vertex", rng.random(60)),
            "confidence": ("vertex", rng.random(60)),
            "r2_test": ("vertex", rng.random(60)),
            "roi_mask": (("vertex", "roi"), np.eye(2, dtype=bool)[np.arange(60) % 2]),
        },
        coords={"roi": ["V1", "EBA"]},
        attrs={
            "backbone": backbone,
            "subject": "s",
            "readout": "factortopy",
            "layer_names": ["t1", "t2", "t3", "t4"],
            "content_hash": "0",
            **({"layer_axis": axis} if axis else {}),
        },
    )


def words(figure: Figure) -> str:
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [text.get_text() for text in axes.texts]
        found += [axes.get_ylabel(), axes.get_xlabel()]
    return "\n".join(found)


def test_titles_and_keys_say_time_step():
    fit = read_fit(store(), "fit")
    for figure in (distribution_figures(fit)["layer"], weights_figure(fit)):
        text = words(figure)
        assert "Time step" in text
        assert "time step weight" in text
        assert "layer" not in text.lower()


def test_a_store_without_the_attribute_is_of_layers():
    fit = read_fit(store(axis=None), "fit")
    assert fit.layer_axis == LAYER
    assert "Layer profile" in words(distribution_figures(fit)["layer"])


def test_a_sheet_of_both_has_both_keys():
    fits = [read_fit(store("a", LAYER), "a"), read_fit(store("b"), "b")]
    text = words(overview_figure(fits))
    assert "first layer" in text
    assert "first time step" in text
    assert "time step" not in words(overview_figure(fits[:1]))


def test_layers_and_time_steps_have_no_average():
    fit = replace(
        read_fit(store(), "fit"),
        cortex=Cortex("fsaverage5", np.zeros(60, np.int8), np.arange(60)),
    )
    mean = average_fit([fit, replace(fit, subject="t")])
    assert mean is not None
    assert mean.layer_axis == TIME_STEP
    assert average_fit([fit, replace(fit, subject="t", layer_axis=LAYER)]) is None


def test_tables_say_of_what_and_sizes_are_of_layers_alone():
    table = hierarchy_table([store("a", LAYER), store("b")], bootstraps=20)
    assert dict(zip(table["backbone"], table["axis"], strict=True)) == {
        "a": LAYER,
        "b": TIME_STEP,
    }
    scores = table[["subject", "backbone"]].assign(
        roi="all", hemisphere="both", readout="factortopy", r2_mean=0.1
    )
    sizes = size_table({"a": Sized("f", 1.0), "b": Sized("f", 2.0)}, table, scores)
    slopes = dict(zip(sizes["backbone"], sizes["slope"], strict=True))
    assert np.isfinite(slopes["a"])
    assert np.isnan(slopes["b"])
