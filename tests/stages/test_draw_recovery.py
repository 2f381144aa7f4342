import xarray as xr
from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.recovery.tables import confusion_table, study_table
from cortexlens.analysis.tables import write_table
from cortexlens.cli import app
from cortexlens.figures.recovery import DRAWN_MEASURES, confusion_figure, recovery_figure
from recoveries import synthetic_recovery


def test_both_pictures_are_drawn(tmp_path):
    stores = [
        synthetic_recovery(condition=name, varied=varied, topology=topology)
        for name, varied in (
            ("base", "base"),
            ("ceiling-0.1", "ceiling"),
            ("vertices-9", "vertices"),
        )
        for topology in (1, 0)
    ]
    write_table(study_table(stores, 0.95), tmp_path / "recovery_study.tsv")
    write_table(confusion_table(stores), tmp_path / "recovery_confusion.tsv")
    command = [
        "draw-recovery",
        "--study",
        tmp_path / "recovery_study.tsv",
        "--confusion",
        tmp_path / "recovery_confusion.tsv",
    ]
    command += ["--out", tmp_path]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    with Image.open(tmp_path / "recovery_study.png") as picture:
        assert picture.text["Title"] == "recovery_study"
        assert picture.width > 700
    with Image.open(tmp_path / "recovery_confusion.png") as picture:
        assert picture.text["Title"] == "recovery_confusion"
        assert len(picture.convert("RGB").getcolors(2**24)) > 20
    assert "<text" in (tmp_path / "recovery_study.svg").read_text()
    assert "<text" in (tmp_path / "recovery_confusion.svg").read_text()


def a_store(readout, truth, ceiling, varied):
    """A store of a readout that finds more at a higher ceiling."""
    condition = f"{truth}-{ceiling}"
    topology = 1 if readout == "factortopy" else None
    store = synthetic_recovery(
        condition=condition, varied=varied, topology=topology, readout=readout, truth=truth
    )
    found = store["layer_selector"].roll(layer=1, roll_coords=False)
    store["layer_selector"] = xr.where(
        store["vertex"] < 60 * ceiling, store["layer_selector"], found
    )
    store = store if readout == "factortopy" else store.drop_vars("space_selector")
    return store.assign(noise_ceiling=store["noise_ceiling"] * 0 + ceiling)


def test_truths_under_other_conditions_have_columns_of_their_own():
    bases = {"isotropic": "base", "sparse": "truth"}
    stores = [
        a_store(readout, truth, ceiling, "ceiling" if ceiling < 0.6 else base)
        for readout in ("factortopy", "ridge")
        for truth, base in bases.items()
        for ceiling in (0.6, 0.3)
    ]
    table = study_table(stores, 0.95)
    figure = recovery_figure(table)
    panels = {axes.get_position().x0: axes for axes in figure.axes}
    assert len(panels) == 3
    assert len(figure.axes) == 3 * len(DRAWN_MEASURES)
    titles = [axes.get_title() for axes in figure.axes[:3]]
    assert titles == ["isotropic", "sparse", "all ground truths"]
    by_ceiling, _, by_truth = figure.axes[:3]
    # a line a readout, from the lower ceiling to the base's
    lines = [line for line in by_ceiling.lines if len(line.get_xdata()) == 2][::2]
    assert {tuple(line.get_xdata().round(1)) for line in lines} == {(0.3, 0.6)}
    assert by_truth.get_xticks().tolist() == [0, 1]
    under = figure.axes[-1].get_xticklabels()
    assert [label.get_text() for label in under] == list(bases)
    words = {text.get_text() for text in figure.texts}
    assert {"factortopy, smooth selectors", "ridge"} <= words
    # ridge finds no places: one curve a panel less
    places = figure.axes[3 * list(DRAWN_MEASURES).index("space_error")]
    assert len(places.lines) < len(by_ceiling.lines)
    assert len(confusion_figure(confusion_table(stores)).axes) == 3
