"""The stage draw_channels: on the cortex, through a volume, on slices, and without a place."""

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from channel_stores import channels_of, with_groups
from cortexlens.cli import app
from cortexlens.figures.channels.clusters import cluster_colours
from cortexlens.storage.datasets import open_dataset, write_dataset
from fits import synthetic_fit, volume_fit

FITS = {
    "cortex": lambda: synthetic_fit("fsaverage5", 150, n_layers=4),
    "volume": lambda: volume_fit(150, n_layers=4),
    "surface": lambda: volume_fit(150, surface=True, n_layers=4),
    "nowhere": lambda: synthetic_fit(None, 150, n_layers=4),
}


@pytest.mark.parametrize("place", FITS)
def test_clusters_are_drawn_wherever_vertices_lie(place, tmp_path):
    fit = with_groups(FITS[place]())
    write_dataset(fit, tmp_path / "fit.zarr", kind="fit", provenance={})
    write_dataset(channels_of(fit), tmp_path / "c.zarr", kind="channels", provenance={})
    out = tmp_path / "figures"
    command = ["draw-channels", "--fit", tmp_path / "fit.zarr", "--channels", tmp_path / "c.zarr"]
    CliRunner().invoke(app, [*map(str, command), "--out", str(out)], catch_exceptions=False)
    names = {
        f"channel_{what}.{end}" for what in ("clusters", "stability") for end in ("png", "svg")
    }
    assert {path.name for path in out.iterdir()} == names
    source = open_dataset(tmp_path / "c.zarr", kind="channels").attrs["content_hash"]
    for what in ("clusters", "stability"):
        with Image.open(out / f"channel_{what}.png") as picture:
            assert min(picture.size) > 400
            assert picture.text["Source"] == source


def test_colours_are_as_near_as_the_tree_is_low():
    # 0 and 1 join first, then 2 and 3, then both pairs: lower or higher
    gaps = []
    for height in (1.5, 30):
        linkage = np.array([[0, 1, 1, 2], [2, 3, 1, 2], [4, 5, height, 4]], float)
        rgb = cluster_colours(linkage)
        assert len(np.unique(rgb.round(3), axis=0)) == 4
        gaps.append(np.linalg.norm(np.diff(rgb, axis=0), axis=1))
    assert gaps[1][1] > gaps[0][1]
    assert gaps[1][0] < gaps[0][0]
    assert gaps[1][2] < gaps[0][2]
    assert cluster_colours(np.zeros((0, 4))).shape == (1, 3)
