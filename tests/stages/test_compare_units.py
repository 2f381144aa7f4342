"""The stage compare_units: planted units are found, and nothing where nothing was planted."""

import numpy as np
import pytest

from cortexlens.errors import CortexlensError
from planted_units import LAYERS, N_UNITS, compared, write_planted


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return write_planted(tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize("layer", LAYERS)
def test_vertices_find_the_units_that_drive_them(planted, layer):
    units = compared(planted, layer)
    own = (planted.layer == LAYERS.index(layer)) & (planted.ceiling > 0.3)
    assert own.sum() > 15
    found = units["vertex_unit"].values[:, own, 0]
    assert ((found == planted.unit[own]).mean(axis=1) >= 0.9).all()
    held_out = units["vertex_held_out"].values[:, own, 0]
    assert (held_out[1] ** 2 > 0.5 * planted.ceiling[own]).mean() > 0.9
    # and the other way round: the best vertex of a unit that drives some is one of these
    driving = np.unique(planted.unit[own])
    vertex = units["unit_vertex"].values[1, driving, 0]
    assert (planted.unit[vertex] == driving).mean() > 0.9


def test_the_store_holds_what_units_do_on_each_image(planted):
    units = compared(planted, LAYERS[0], 0, "--kept", "3", "--shuffles", "2")
    codes = units["activation"].values
    assert codes.shape == (600, N_UNITS)
    assert codes.dtype == np.float16
    assert (codes >= 0).all()
    training = units["split"].values == 0
    np.testing.assert_allclose(units["frequency"], (codes[training] > 0).mean(axis=0), rtol=1e-5)
    assert units.sizes["kept"] == 3
    assert units.sizes["shuffle"] == 2
    assert {"hemisphere", "roi_mask", "ncsnr", "image_id"} <= set(units.variables)
    kept = {"backbone": "tiny", "subject": "sim01", "layer": LAYERS[0], "pooling": "max"}
    assert kept.items() <= units.attrs.items()
    # a vertex that never varies matches nothing
    assert (units["vertex_unit"].values[:, -1] == -1).all()
    assert np.isnan(units["vertex_similarity"].values[:, -1]).all()
    assert np.isnan(units["null_maximum"].values[..., -1]).all()


def test_without_a_signal_only_the_images_that_chose_show_one(tmp_path):
    units = compared(write_planted(tmp_path, n_vertices=400, null=True), LAYERS[0])
    pairs = [("vertex_similarity", "vertex_held_out"), ("null_maximum", "null_held_out")]
    for names in pairs:
        # the unit that was chosen; exchanges of images stand where kept units do
        training, held_out = (units[name].transpose("metric", ..., "vertex")[1] for name in names)
        training, held_out = training[:1, :-1].values, held_out[:1, :-1].values
        # vertices share images and units, so that no more than the units count
        assert abs(held_out.mean()) < 4 * held_out.std() / np.sqrt(N_UNITS)
        assert training.min() > 0
        # a correlation of noise over 400 images varies by 1 / 20
        assert training.mean() > 2 / 20


def test_the_same_seed_gives_the_same_store_on_any_number_of_threads(planted):
    hashes = {compared(planted, LAYERS[1], 0, "--threads", n).attrs["content_hash"] for n in (1, 2)}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("layer", "options", "told"),
    [
        (LAYERS[0], ("--pooling", "median"), "allowed are max, mean"),
        (LAYERS[0], ("--layer", "blocks.9"), "found no layer 'blocks.9'"),
    ],
)
def test_what_cannot_be_is_refused(planted, layer, options, told):
    with pytest.raises(CortexlensError, match=told):
        compared(planted, layer, 0, *options)


def test_features_of_other_images_are_refused(planted, tmp_path):
    other = write_planted(tmp_path, n_images=120)
    with pytest.raises(CortexlensError, match="not the 120 images"):
        compared(other, LAYERS[0], 0, "--features", planted.folder / "features.zarr")
