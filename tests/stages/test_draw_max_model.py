"""The stage draw_max_model, through the command, and what its sheet is made of."""

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.figures.maps.fits import read_fit
from cortexlens.figures.maps.max_model import Compared, max_model_figure
from cortexlens.storage.datasets import write_dataset
from fits import synthetic_fit, volume_fit


@pytest.mark.parametrize("space", ["fsaverage5", None, "volume"])
def test_one_sheet_is_written_from_all_fits(tmp_path, space):
    fits = []
    for seed, (name, subject) in enumerate((("one", "s1"), ("two", "s1"), ("one", "s2"))):
        settings = {"rois": False, "backbone": name, "subject": subject, "seed": seed}
        volume = space == "volume"
        fit = volume_fit(150, **settings) if volume else synthetic_fit(space, 150, **settings)
        path = tmp_path / f"{name}-{subject}.zarr"
        write_dataset(fit, path, kind="fit", provenance={})
        fits.append(str(path))
    out = tmp_path / "figures"
    result = CliRunner().invoke(app, ["draw-max-model", *fits, "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == {"max_model.png", "max_model.svg"}
    with Image.open(out / "max_model.png") as picture:
        assert picture.text["Title"] == "max model of all fits"
        assert picture.height > 900
        assert len(np.unique(np.asarray(picture.convert("L")))) > 20


def test_the_best_network_and_what_others_lack():
    fit = read_fit(synthetic_fit(None, 4, 3, rois=False), "fit")
    r2 = np.array([[0.1, 0.3, np.nan, np.nan], [0.2, -0.1, 0.4, np.nan]])
    compared = Compared(fit, ["a", "b"], r2)
    np.testing.assert_allclose(compared.best, [0.2, 0.3, 0.4, np.nan])
    assert compared.winner.tolist()[:3] == [1, 0, 1]
    np.testing.assert_allclose(compared.lacking(0), [0.1, 0, np.nan, np.nan], atol=1e-12)


def test_fits_of_other_vertices_are_refused():
    fits = [
        read_fit(synthetic_fit(None, n, 3, rois=False, backbone=f"n{n}"), "fit") for n in (20, 30)
    ]
    with pytest.raises(CortexlensError, match=r"found 30 vertices in the fit of n30"):
        max_model_figure(fits)
