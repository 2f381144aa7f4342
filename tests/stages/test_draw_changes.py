"""The stage draw_changes: on the cortex, through a volume, on slices, and without a place."""

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.figures.finetuning.changes import change_rgba
from cortexlens.storage.datasets import write_dataset
from cortexlens.storage.provenance import record
from fits import synthetic_fit, volume_fit


def draw(fits, folder):
    paths = [folder / "before.zarr", folder / "after.zarr"]
    for fit, path in zip(fits, paths, strict=True):
        provenance = record("fit_encoder", inputs={}, settings={}, seed=0)
        write_dataset(fit, path, kind="fit", provenance=provenance)
    command = ["draw-changes", "--before", paths[0], "--after", paths[1], "--out", folder / "out"]
    CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    assert {path.name for path in (folder / "out").iterdir()} == {"change.png", "change.svg"}
    with Image.open(folder / "out" / "change.png") as picture:
        return np.asarray(picture.convert("RGB")), picture.text["Title"]


PLACES = {
    "cortex": lambda **given: synthetic_fit("fsaverage5", 150, **given),
    "volume": lambda **given: volume_fit(150, **given),
    "surface": lambda **given: volume_fit(150, surface=True, **given),
    "nowhere": lambda **given: synthetic_fit(None, 150, **given),
}


@pytest.mark.parametrize("place", PLACES)
def test_changes_are_drawn_wherever_vertices_lie(place, tmp_path):
    before = PLACES[place](n_layers=4, rois=False)
    after = before.assign(r2_test=before["r2_test"] - 0.2)
    after = after.assign_attrs(backbone="vit-demo-land")
    picture, title = draw([before, after], tmp_path)
    assert min(picture.shape[:2]) > 600
    assert title == "change of vit-demo-land, subject sim01"


def test_losses_are_orange_and_gains_violet():
    shown = np.array([True, True, True, False, True])
    less, none, more, pale, unknown = change_rgba(np.array([-1, 0, 1, 1, np.nan]), 1.0, shown)
    assert less[0] > less[1] > less[2]
    assert min(none[:3]) > 0.95
    assert more[2] > more[0] > more[1]
    assert pale[3] < 0.5 < more[3]
    assert np.isnan(unknown[0])


def test_fits_of_other_vertices_are_refused(tmp_path):
    fits = [synthetic_fit(None, n) for n in (50, 60)]
    with pytest.raises(CortexlensError, match="50 vertices and 8 layers and 60 vertices"):
        draw(fits, tmp_path)
