import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.scores.ablations import ablation_table
from cortexlens.analysis.tables import write_table
from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.figures.scores.ablations import ablation_figure
from fits import variant_fit


def draw(table, out):
    command = ["draw-ablations", "--table", str(table), "--out", str(out)]
    CliRunner().invoke(app, command, catch_exceptions=False)


def test_networks_stand_side_by_side(tmp_path):
    fits = [variant_fit("factortopy"), variant_fit("no-scale", seed=1)]
    fits += [fit.assign_attrs(subject="sim02") for fit in fits]
    sizes = []
    for networks in (1, 2):
        fits += [fit.assign_attrs(backbone="other") for fit in fits] if networks == 2 else []
        write_table(ablation_table(fits), tmp_path / "ablations.tsv")
        draw(tmp_path / "ablations.tsv", tmp_path)
        with Image.open(tmp_path / "ablations.png") as picture:
            assert picture.text["Title"] == "ablations"
            sizes.append(picture.size)
    assert "other</text>" in (tmp_path / "ablations.svg").read_text()
    assert sizes[1][0] > sizes[0][0]
    assert sizes[1][1] == sizes[0][1]


def test_a_table_without_rows_is_refused(tmp_path):
    write_table(ablation_table([]), tmp_path / "ablations.tsv")
    with pytest.raises(CortexlensError, match="found no rows, so there is nothing to draw"):
        draw(tmp_path / "ablations.tsv", tmp_path)
    with pytest.raises(CortexlensError, match="cannot be read as a table"):
        draw(tmp_path / "none.tsv", tmp_path)


def test_a_lost_variant_is_written_and_does_not_stretch_the_axis():
    table = ablation_table([variant_fit("factortopy"), variant_fit("no-scale", seed=1)])
    shown = {"factortopy": (0.2, 0.0), "no-scale": (0.19, -0.01)}
    for readout, (score, difference) in shown.items():
        own = table["readout"] == readout
        table.loc[own, "r2_mean"] = score
        table.loc[own, ["difference", "difference_low", "difference_high"]] = difference
    control = table[table["readout"] == "no-scale"].assign(
        readout="shuffled", difference=-0.21, difference_low=-0.22, difference_high=-0.2
    )
    (axes,) = ablation_figure(pd.concat([table, control])).axes
    assert axes.get_xlim()[0] > -0.05
    assert [text.get_text() for text in axes.texts] == ["◂ -0.210"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["no-scale", "shuffled"]


def test_other_readouts_are_drawn_beside_the_main_one():
    fits = [variant_fit("stacked"), variant_fit("factortopy", seed=1)]
    table = ablation_table(fits, base="stacked")
    (axes,) = ablation_figure(table, "stacked").axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["factortopy"]
    # nothing is lost of a score below 0, and the main readout itself is no row
    figure = ablation_figure(table.assign(r2_mean=-0.1), "stacked")
    assert not figure.axes[0].texts
    assert "stacked: sim01 -0.100" in [text.get_text() for text in figure.texts]
