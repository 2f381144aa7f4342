"""The stage draw_overview: one sheet of many fits, through the command."""

from PIL import Image
from tests.fits import synthetic_fit, volume_fit
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.stores import write_dataset


def _stores(tmp_path, space):
    for backbone in ("one", "two"):
        for subject in ("s1", "s2"):
            path = tmp_path / f"{backbone}-{subject}.zarr"
            settings = {"rois": False, "backbone": backbone, "subject": subject}
            volume = space == "volume"
            dataset = (
                volume_fit(150, **settings) if volume else synthetic_fit(space, 150, **settings)
            )
            write_dataset(dataset, path, kind="fit", provenance={})
            yield str(path)


def test_one_sheet_is_written_from_all_fits(tmp_path):
    for space in ("fsaverage5", None, "volume"):
        out = tmp_path / "pictures" / f"{space}.png"
        fits = list(_stores(tmp_path, space))
        result = CliRunner().invoke(app, ["draw-overview", *fits, "--out", str(out)])
        assert result.exit_code == 0, result.output
        with Image.open(out) as picture:
            assert picture.text["Title"] == "layer maps of all fits"
            assert picture.height > 500
