"""The stage draw_overview: sheets of many fits, through the command."""

from PIL import Image
from tests.fits import synthetic_fit, volume_fit
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset


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


def test_three_sheets_are_written_from_all_fits(tmp_path):
    for space in ("fsaverage5", None, "volume"):
        out = tmp_path / "pictures" / str(space)
        fits = list(_stores(tmp_path, space))
        result = CliRunner().invoke(app, ["draw-overview", *fits, "--out", str(out)])
        assert result.exit_code == 0, result.output
        names = {"overview": "layer", "overview_space": "space", "overview_scale": "scale"}
        for name, what in names.items():
            with Image.open(out / f"{name}.png") as picture:
                assert picture.text["Title"] == f"{what} maps of all fits"
                assert picture.height > 500
            assert "two</text>" in (out / f"{name}.svg").read_text()
        assert len(list(out.iterdir())) == 2 * len(names)
