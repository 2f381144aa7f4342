"""The stage draw_average: the mean over subjects who share a cortex, through the command."""

import numpy as np
from tests.fits import synthetic_fit
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.figures.maps.average import average_fit
from cortexlens.figures.maps.fits import read_fit
from cortexlens.storage.datasets import write_dataset
from cortexlens.storage.manifest import NAME as MANIFEST


def _drawn(tmp_path, fits):
    paths = []
    for number, fit in enumerate(fits):
        paths.append(str(tmp_path / f"{number}.zarr"))
        write_dataset(fit, tmp_path / f"{number}.zarr", kind="fit", provenance={})
    out = tmp_path / "average"
    result = CliRunner().invoke(app, ["draw-average", *paths, "--out", str(out)])
    assert result.exit_code == 0, result.output
    names = {path.name for path in out.iterdir()} - {MANIFEST}
    return names, result.output


def test_the_maps_of_the_mean_are_written(tmp_path):
    fits = [synthetic_fit(n_vertices=200, subject=who) for who in ("a", "b")]
    names, _ = _drawn(tmp_path, fits)
    maps = ("layer", "space", "scale", "layer_weights")
    assert names == {f"{name}.{suffix}" for name in maps for suffix in ("png", "svg")}


def test_no_shared_cortex_leaves_an_empty_folder_and_a_line(tmp_path):
    fits = [synthetic_fit(None, 30, subject=who, rois=False) for who in ("a", "b")]
    names, output = _drawn(tmp_path, fits)
    assert names == set()
    assert "no mean over subjects is drawn" in output


def test_means_are_of_the_vertices_that_all_subjects_have():
    first = synthetic_fit(n_vertices=300, subject="a")
    order = np.random.default_rng(0).permutation(300)[:220]
    second = first.isel(vertex=order).assign_attrs(subject="b").copy(deep=True)
    second["scale_selector"] = second["scale_selector"] + np.float32(0.2)
    second["layer_selector"] = second["layer_selector"][:, ::-1]
    one, other = (read_fit(fit, "fit") for fit in (first, second))
    mean = average_fit([one, other])
    assert mean.subject == "average of a, b"
    assert len(mean.scale) == 220
    number = np.flatnonzero(
        (one.cortex.vertex_index == mean.cortex.vertex_index[7])
        & (one.cortex.hemisphere == mean.cortex.hemisphere[7])
    ).item()
    assert np.isclose(mean.scale[7], one.scale[number] + 0.1)
    np.testing.assert_allclose(
        mean.layer[7], (one.layer[number] + one.layer[number][::-1]) / 2, atol=1e-6
    )
    # subjects who disagree make the map dark
    assert mean.confidence.mean() < one.confidence.mean() - 0.1
    assert set(mean.regions) == set(one.regions)
    assert average_fit([one]) is None
