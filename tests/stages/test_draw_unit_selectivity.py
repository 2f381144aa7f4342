"""The stage draw_unit_selectivity: a panel a region, or a line that there are no labels."""

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.dictionaries.selectivity import Labelled, find_profiles, selectivity_table
from cortexlens.analysis.statistics.intervals import Resampling
from cortexlens.analysis.tables import write_table
from cortexlens.cli import app
from saes import LAYERS, dictionary_of, made_up, units_of


def drawn(folder, profiles):
    table = folder / "unit_selectivity.tsv"
    write_table(selectivity_table(profiles, 0.95), table)
    command = ["draw-unit-selectivity", str(table), "--out", str(folder)]
    CliRunner().invoke(app, command, catch_exceptions=False)
    text = (folder / "unit_selectivity.svg").read_text()
    with Image.open(folder / "unit_selectivity.png") as picture:
        assert picture.text["Title"] == "selectivity of units"
        return np.asarray(picture.convert("L")), text


def profiles(subject, n_regions=5):
    made = made_up(100, 100, subject=subject)
    dictionary = dictionary_of(made).isel(roi=slice(0, n_regions))
    units = {layer: units_of(made, layer) for layer in LAYERS}
    given = Labelled(dictionary, units, made.label.tolist(), made.responses["response"].values)
    return find_profiles(given, Resampling(bootstraps=100), 99)


def test_a_panel_a_region_and_a_row_a_subject(tmp_path):
    one, text = drawn(tmp_path, [profiles("sim01", 2)])
    assert [name in text for name in ("V1", "V2", "V3")] == [True, True, False]
    assert "face (" in text
    more, text = drawn(tmp_path, [profiles("sim01"), profiles("sim02")])
    assert "PPA" in text
    assert "subject sim02" in text
    assert more.shape[0] > one.shape[0] + 100
    assert more.shape[1] > one.shape[1]


def test_without_labels_the_picture_says_so(tmp_path):
    _, text = drawn(tmp_path, [])
    assert "no image labels" in text
