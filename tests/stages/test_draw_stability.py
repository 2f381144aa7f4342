"""The stage draw_stability: on the cortex, through a volume, on slices, and without a place."""

import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import write_dataset
from fits import synthetic_fit, variant_fit, volume_fit


def draw(fits, folder):
    paths = []
    for number, fit in enumerate(fits):
        path = folder / f"{number}.zarr"
        provenance = fit.attrs.pop("provenance")
        write_dataset(fit, path, kind="fit", provenance=provenance)
        paths.append(str(path))
    out = folder / "figures"
    CliRunner().invoke(app, ["draw-stability", *paths, "--out", str(out)], catch_exceptions=False)
    assert {path.name for path in out.iterdir()} == {"stability.png", "stability.svg"}
    with Image.open(out / "stability.png") as picture:
        return picture.size, picture.text["Title"]


def halves_of(fit):
    """Two fits of the vertices of a fit, to a half of the images each."""
    for half in "ab":
        other = variant_fit(f"half-{half}", fit.sizes["vertex"], half=half, seed=ord(half))
        names = [name for name in other.data_vars if name.endswith("_selector")]
        yield (
            fit.drop_vars([name for name in names if name in fit])
            .assign({name: other[name] for name in names})
            .assign_attrs({**fit.attrs, "provenance": other.attrs["provenance"]})
        )


@pytest.mark.parametrize("place", ["cortex", "volume", "surface", "nowhere"])
def test_halves_are_drawn_wherever_vertices_lie(place, tmp_path):
    settings = {"n_layers": 4, "rois": False}
    fit = {
        "cortex": lambda: synthetic_fit("fsaverage5", 150, **settings),
        "volume": lambda: volume_fit(150, **settings),
        "surface": lambda: volume_fit(150, surface=True, **settings),
        "nowhere": lambda: synthetic_fit(None, 150, **settings),
    }[place]()
    size, title = draw(list(halves_of(fit)), tmp_path)
    assert min(size) > 400
    assert title == "stability of vit-demo, subject sim01"


def test_seeds_and_halves_stand_below_each_other(tmp_path):
    halves = [variant_fit(f"half-{half}", half=half) for half in "ab"]
    heights = []
    for name, fits in (("one", halves), ("two", [variant_fit("seeds", n_members=2), *halves])):
        (tmp_path / name).mkdir()
        heights.append(draw([fit.copy() for fit in fits], tmp_path / name)[0][1])
    assert heights[1] > heights[0]


def test_fits_with_nothing_to_compare_are_refused(tmp_path):
    with pytest.raises(
        CortexlensError, match="neither a fit with several members nor fits to two halves"
    ):
        draw([variant_fit("factortopy")], tmp_path)
