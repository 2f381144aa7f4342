"""A finished study from Python: opened by name, drawn and tabulated."""

import io

import numpy as np
import pytest
from PIL import Image

import cortexlens as cl
from cortexlens.analysis.tables import write_table
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset, write_dataset
from fits import stacked_fit, synthetic_fit, volume_fit
from studies import SIMULATED, write_study

RECORD = {"stage": "fit_encoder"}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of two networks and two subjects, of which one fit is finished."""
    monkeypatch.chdir(tmp_path)
    path = write_study(tmp_path, SIMULATED)
    folder = tmp_path / "results" / "tiny"
    made = synthetic_fit(n_vertices=600, backbone="plain", subject="sim01")
    place = folder / "fits/factortopy/plain/sim01/fit.zarr"
    write_dataset(made, place, kind="fit", provenance=RECORD)
    write_table(cl.open_fit(place).cortex.regions(), folder / "tables" / "regions.tsv")
    return cl.open_study(path)


def test_fits_are_listed_and_opened_by_name(study):
    assert repr(study) == "study 'tiny' in results/tiny: 1 of 4 fits finished, 1 tables"
    fits = study.fits()
    assert fits["finished"].tolist() == [True, False, False, False]
    fit = study.fit("plain", "sim01")
    assert fit.attrs["backbone"] == "plain"
    assert fit.identical(cl.open_fit(fits["path"][0]))
    assert fit.identical(cl.open_fit(fits["path"][0].removesuffix("/fit.zarr")))


def test_fits_are_of_the_main_readout_unless_one_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs = [{"backbones": ["plain"], "subjects": ["sim01"], "readouts": ["factortopy", "stacked"]}]
    study = cl.open_study(write_study(tmp_path, {**SIMULATED, "runs": runs}))
    for made in (synthetic_fit(n_vertices=60), stacked_fit(n_vertices=60)):
        place = tmp_path / f"results/tiny/fits/{made.attrs['readout']}/plain/sim01/fit.zarr"
        write_dataset(made, place, kind="fit", provenance=RECORD)
    fit = study.fit("plain", "sim01")
    assert fit.attrs["readout"] == "stacked"
    # what the brightness means is kept with the fit
    assert fit["confidence"].attrs["meaning"] == "probability"
    assert study.fit("plain", "sim01", "factortopy").attrs["readout"] == "factortopy"


def test_what_is_not_there_is_named(study):
    with pytest.raises(CortexlensError, match=r"backbone: found 'x'; .* plain, other"):
        study.fit("x", "sim01")
    with pytest.raises(
        CortexlensError, match=r"readout: found 'ridge'; .* lists fits of factortopy"
    ):
        study.fit("plain", "sim01", "ridge")
    with pytest.raises(CortexlensError, match="no finished zarr store here"):
        study.fit("other", "sim01")
    with pytest.raises(CortexlensError, match=r"no finished zarr store|scores"):
        study.scores("plain", "sim01")
    with pytest.raises(
        CortexlensError, match="found no table 'brain_score'; available are regions"
    ):
        study.table("brain_score")
    with pytest.raises(CortexlensError, match="dictionaries"):
        study.dictionary("plain", "sim01")


def test_a_table_of_regions_holds_their_means(study):
    fit, table = study.fit("plain", "sim01"), study.table("regions")
    row = table[(table["roi"] == "V2") & (table["hemisphere"] == "left")].iloc[0]
    mask = fit["roi_mask"].sel(roi="V2").values & (fit["hemisphere"].values == 0)
    weights = fit["layer_selector"].values[mask].mean(axis=0)
    assert row["n_vertices"] == mask.sum()
    assert row["r2_mean"] == pytest.approx(fit["r2_test"].values[mask].mean(), rel=1e-5)
    assert row["level_mean"] == pytest.approx(weights @ np.arange(8) / 7, rel=1e-4)
    assert row["strongest_layer"] == f"blocks.{weights.argmax()}"
    assert set(table["hemisphere"]) == {"both", "left", "right"}


def test_regions_of_a_fit_without_places_and_scales(tmp_path):
    fit = synthetic_fit(None, 80).drop_vars(["scale_selector", "confidence"])
    table = fit.cortex.regions()
    assert set(table["hemisphere"]) == {"both"}
    assert table["scale_mean"].isna().all()
    assert np.isfinite(table["r2_mean"]).all()


@pytest.mark.parametrize(
    ("fit", "what"),
    [
        (synthetic_fit(n_vertices=600), "layer"),
        (synthetic_fit(n_vertices=600), "layer_weights"),
        (synthetic_fit(None, 80), "space"),
        (volume_fit(400), "r2"),
    ],
    ids=["cortex", "weights", "neurons", "volume"],
)
def test_a_picture_shows_itself_in_a_notebook(fit, what):
    picture = Image.open(io.BytesIO(fit.cortex.plot(what)._repr_png_()))
    assert picture.format == "PNG"
    assert np.asarray(picture.convert("L")).std() > 5


def test_pictures_and_tables_of_something_else_are_refused(tmp_path):
    fit = synthetic_fit(None, 40)
    with pytest.raises(CortexlensError, match="found 'layers'; allowed are 'layer', "):
        fit.cortex.plot("layers")
    with pytest.raises(CortexlensError, match="needed the variable layer_selector"):
        fit[["bias"]].cortex.plot()
    with pytest.raises(CortexlensError, match="vit-demo in sim01: found no variable layer_selec"):
        fit[["bias"]].cortex.regions()
    write_dataset(fit, tmp_path / "x.zarr", kind="features", provenance=RECORD)
    with pytest.raises(CortexlensError, match="found a store of kind 'features'"):
        cl.open_fit(tmp_path / "x.zarr")
    assert open_dataset(tmp_path / "x.zarr", kind="features").sizes["vertex"] == 40


def test_names_are_there_to_complete():
    assert {"map_network", "open_fit", "open_study"} < set(dir(cl))
