"""The stage draw_units: the unit of each region, its pictures and its map."""

import hashlib

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.dictionaries.unit_pages import SHOWN, unit_pages
from cortexlens.cli import app
from cortexlens.features.store import FeatureWriter, Plan, ids_hash
from cortexlens.figures.dictionaries.units import lit
from saes import (
    BACKBONE,
    LAYERS,
    N_CHANNELS,
    dictionary_of,
    made_up,
    units_of,
    write_sae,
    write_study,
)
from trees import coloured_noise

GRID = 4


def write_features(path, ids):
    """Tokens of noise for a few channels, as extract-features writes them."""
    channels = (N_CHANNELS,) * len(LAYERS)
    writer = FeatureWriter(path, Plan(len(ids), GRID, channels, "key", "code"))
    rng = np.random.default_rng(0)
    for number, block in enumerate(writer.plan.blocks):
        shape = (len(block), GRID**2 + 1, N_CHANNELS)
        layers = [rng.standard_normal(shape).astype(np.float16) for _ in LAYERS]
        writer.write(number, layers, [0] * len(LAYERS))
    writer.finish({"layer_names": list(LAYERS), "image_ids_hash": ids_hash(ids)})


def write_pictures(folder, made, subject):
    """Pictures, and images.tsv that lists them."""
    rng, rows = np.random.default_rng(1), ["image_id\tsource\tsha256"]
    for name in made.responses["image_id"].values:
        file = folder / f"{name}.png"
        Image.fromarray(coloured_noise(rng, 16)).save(file)
        rows.append(f"{name}\t{file}\t{hashlib.sha256(file.read_bytes()).hexdigest()}")
    (folder / "subjects" / subject / "images.tsv").write_text("\n".join(rows) + "\n")


@pytest.mark.parametrize("space", ["fsaverage5", None])
def test_a_sheet_has_a_row_a_region(tmp_path, space):
    made = made_up(60, 120, space=space)
    dictionary = write_study(tmp_path, made)
    write_pictures(tmp_path, made, "sim01")
    write_features(tmp_path / "features.zarr", made.responses["image_id"].values.tolist())
    for layer in LAYERS:
        write_sae(tmp_path, layer)
    units = [tmp_path / "units" / BACKBONE / each / "seed-0" / "sim01.zarr" for each in LAYERS]
    command = ["draw-units", *units, "--dictionary", dictionary]
    command += ["--saes", tmp_path / "saes" / BACKBONE, "--features", tmp_path / "features.zarr"]
    command += ["--responses", tmp_path / "subjects" / "sim01" / "responses.zarr"]
    command += ["--images", tmp_path / "subjects" / "sim01" / "images.tsv", "--out", tmp_path]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    text = (tmp_path / "units.svg").read_text()
    assert all(roi in text for roi in ("V1", "V2", "V3", "hV4", "PPA"))
    assert f"{LAYERS[2]}, unit 2" in text
    assert "trained on" not in text
    with Image.open(tmp_path / "units.png") as picture:
        assert picture.text["Title"] == f"units of {BACKBONE}, subject sim01"
        assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 200


def test_pages_are_of_the_planted_units_and_of_their_vertices():
    made = made_up(200)
    units = {layer: units_of(made, layer) for layer in LAYERS}
    response = made.responses["response"].values
    pages = unit_pages(dictionary_of(made), units, response)
    assert [page.unit for page in pages] == [0, 1, 2, 3, 4]
    tested = np.flatnonzero(made.responses["split"].values == 2)
    for page in pages:
        assert page.n_choosing == page.n_vertices
        activation = made.activation[page.layer][:, page.unit]
        assert set(page.images) <= set(tested)
        assert len(page.images) == SHOWN
        assert activation[page.images].min() >= np.sort(activation[tested])[-SHOWN] - 1e-3
        vertex = int(np.flatnonzero(made.unit == page.unit)[0])
        expected = np.corrcoef(activation[tested], response[tested, vertex])[0, 1]
        assert page.of_vertex[vertex] == pytest.approx(expected, abs=1e-3)
        assert page.likeness == pytest.approx(np.mean(page.of_vertex[made.unit == page.unit]))


def test_without_regions_there_is_one_page_of_all_vertices():
    made = made_up(100, 60)
    units = {layer: units_of(made, layer) for layer in LAYERS}
    dictionary = dictionary_of(made).drop_vars(["roi_mask", "roi"])
    pages = unit_pages(dictionary, units, made.responses["response"].values)
    assert [page.roi for page in pages] == ["all"]


def test_light_is_where_a_unit_is_active():
    picture = Image.new("RGB", (10, 10), (200, 100, 40))
    pixels = lit(picture, np.array([[0.0, 0.0], [0.0, 3.0]]), 3.0)
    np.testing.assert_array_equal(pixels[-1, -1], [200, 100, 40])
    np.testing.assert_array_equal(pixels[0, 0], [50, 25, 10])
    assert (lit(picture, np.zeros((2, 2)), 0.0) == pixels[0, 0]).all()
