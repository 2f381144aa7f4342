"""The stage draw_hierarchy: regions against their level, through the command."""

from PIL import Image
from tests.fits import synthetic_fit
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset


def _drawn(tmp_path, *fits):
    for number, fit in enumerate(fits):
        write_dataset(fit, tmp_path / f"{number}.zarr", kind="fit", provenance={})
    paths = [str(tmp_path / f"{number}.zarr") for number in range(len(fits))]
    out = tmp_path / "figures"
    command = ["draw-hierarchy", *paths, "--out", str(out), "--bootstraps=100"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == {"hierarchy.png", "hierarchy.svg"}
    return out


def test_networks_are_rows_and_subjects_columns(tmp_path):
    fits = [
        synthetic_fit(n_vertices=200, backbone=net, subject=who)
        for net in ("one", "two")
        for who in ("a", "b")
    ]
    out = _drawn(tmp_path, *fits)
    text = (out / "hierarchy.svg").read_text()
    for name in ("one, a", "one, b", "two, a", "two, b", "V2, V3"):
        assert f"{name}</text>" in text
    assert text.count("slope ") == 4
    with Image.open(out / "hierarchy.png") as picture:
        assert picture.text["Title"] == "expected against ideal level of all fits"


def test_a_study_without_levels_is_told(tmp_path):
    out = _drawn(tmp_path, synthetic_fit(None, 20, 3, rois=False))
    assert "span fewer than two levels" in (out / "hierarchy.svg").read_text()
