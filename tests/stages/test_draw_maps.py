"""The stage draw_maps: pictures of a fit, through the command."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from PIL import Image
from tests.fits import synthetic_fit, volume_fit
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.figures.drawing.style import save
from cortexlens.figures.drawing.titles import NO_PREDICTION, NOT_SHOWN
from cortexlens.figures.maps.cortex import map_figures
from cortexlens.figures.maps.fits import read_fit
from cortexlens.figures.maps.volume import slice_figures
from cortexlens.stages.draw_maps import draw_maps
from cortexlens.storage.datasets import open_dataset, write_dataset

MAPS = ["layer", "layer_weights", "r2", "scale", "space"]
NAMES = sorted(f"{name}.{suffix}" for name in MAPS for suffix in ("png", "svg"))


def _store(tmp_path, dataset):
    path = tmp_path / "fit.zarr"
    write_dataset(dataset, path, kind="fit", provenance={})
    return path


@pytest.mark.parametrize("space", ["fsaverage5", "fsaverage", None])
def test_all_pictures_are_written_twice_and_nothing_else(tmp_path, space):
    fit = _store(tmp_path, synthetic_fit(space, 300, rois=space is not None))
    out = tmp_path / "figures" / "net"
    result = CliRunner().invoke(app, ["draw-maps", "--fit", str(fit), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == NAMES
    source = open_dataset(fit, kind="fit").attrs["content_hash"]
    for name in MAPS:
        with Image.open(out / f"{name}.png") as picture:
            assert picture.text["Source"] == source
            assert picture.width > 800
        drawing = (out / f"{name}.svg").read_text()
        assert source in drawing
        assert "vit-demo</text>" in drawing
        assert len(drawing) < 4e6


@pytest.mark.parametrize("surface", [False, True])
def test_a_volume_is_drawn_on_slices_or_on_its_surface(tmp_path, surface):
    fit, out = _store(tmp_path, volume_fit(300, surface=surface)), tmp_path / "figures"
    result = CliRunner().invoke(app, ["draw-maps", "--fit", str(fit), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == NAMES
    drawn = read_fit(open_dataset(fit, kind="fit"), "fit")
    figure = (map_figures if surface else slice_figures)(drawn, only=["scale"])["scale"]
    save(figure, tmp_path / "x.png", title="scale of vit-demo, subject sim01", source=drawn.source)
    assert (out / "scale.png").read_bytes() == (tmp_path / "x.png").read_bytes()


def _noise(fit, r2):
    """The same without any relation of predictions and responses."""
    fit["r2_test"].values[:] = r2
    return fit.assign_attrs(above_chance=False)


@pytest.mark.parametrize("made", [synthetic_fit, volume_fit, partial(synthetic_fit, None)])
@pytest.mark.parametrize(("r2", "line"), [(-0.01, NO_PREDICTION), (0.001, NOT_SHOWN)])
def test_a_fit_of_noise_says_so_on_all_of_its_pictures(tmp_path, made, r2, line):
    noise = _noise(made(n_vertices=60), r2)
    draw_maps(fit=_store(tmp_path, noise), out=tmp_path / "out")
    for picture in MAPS:
        assert line in (tmp_path / "out" / f"{picture}.svg").read_text(), picture


def test_a_fit_that_predicts_says_nothing_of_it(tmp_path):
    draw_maps(fit=_store(tmp_path, synthetic_fit(n_vertices=60)), out=tmp_path / "out")
    drawing = (tmp_path / "out" / "layer.svg").read_text()
    assert NO_PREDICTION not in drawing
    assert NOT_SHOWN not in drawing


def test_a_store_that_does_not_say_is_judged_by_its_mean_scores():
    """As stores of before, and imported checkpoints, are."""
    dead, regional, unknown = (synthetic_fit(n_vertices=60) for _ in range(3))
    dead["r2_test"].values[:] = -0.01
    regional["r2_test"].values[:] = np.where(regional["roi_mask"].values[:, 0], 0.1, -0.5)
    unknown["r2_test"].values[:] = np.nan
    found = [read_fit(each, "fit").above_chance for each in (dead, regional, unknown)]
    assert found == [False, True, True]


def test_a_volume_without_a_sense_is_refused_in_one_line(tmp_path):
    fit = _store(tmp_path, volume_fit(60).assign_attrs(volume_shape=[1, 1, 1]))
    command = ["draw-maps", "--fit", str(fit), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, CortexlensError)
    assert "fit.zarr: voxel" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_ridge_fit_is_refused_in_one_line(tmp_path):
    dataset = synthetic_fit(n_vertices=20).drop_vars(["space_selector", "scale_selector"])
    fit = _store(tmp_path, dataset)
    with pytest.raises(CortexlensError, match=r"fit\.zarr: needed the variable space_selector"):
        draw_maps(fit=fit, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_drawing_imports_no_torch(tmp_path):
    fit = _store(tmp_path, synthetic_fit(n_vertices=50))
    code = (
        "import sys; from pathlib import Path; "
        "from cortexlens.stages.draw_maps import draw_maps; "
        f"draw_maps(fit=Path({str(fit)!r}), out=Path({str(tmp_path / 'out')!r})); "
        "print(sorted({'torch', 'matplotlib.pyplot', 'nilearn.datasets'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
