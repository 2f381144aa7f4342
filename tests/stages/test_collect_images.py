import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.image_set import ImageSet
from trees import algonauts_tree, nsd_tree, table_tree


def run(*command):
    result = CliRunner().invoke(app, ["collect-images", *map(str, command)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output


def test_images_of_a_table(tmp_path):
    row = table_tree(tmp_path / "data")
    out = tmp_path / "results" / "images.tsv"
    run("--kind", "table", "--root", tmp_path / "data", "--images", row["images"], "--out", out)
    images = ImageSet.read(out)
    assert images.ids == [f"a-image{i}" for i in range(1, 13)]
    assert images.open(11).size == (48, 48)


@pytest.mark.parametrize("options", [["--subject", "subj02"], ["--folder", "subj02"]])
def test_images_of_algonauts(tmp_path, options):
    algonauts_tree(tmp_path / "data", ["subj01", "subj02"], 6)
    out = tmp_path / "images.tsv"
    run("--kind", "algonauts2023", "--root", tmp_path / "data", *options, "--out", out)
    images = ImageSet.read(out)
    assert len(images) == 6
    assert all("/subj02/" in source for source in images.sources)


def test_images_of_the_nsd(tmp_path):
    nsd_tree(tmp_path / "data", length=12)
    out = tmp_path / "images.tsv"
    options = ["--subject", "subj02", "--sessions", "2"]
    run("--kind", "nsd", "--root", tmp_path / "data", *options, "--out", out)
    images = ImageSet.read(out)
    assert 4 <= len(images) <= 12
    assert all(name.startswith("nsd-") for name in images.ids)
    assert images.open(0).size == (48, 48)


@pytest.mark.parametrize("kind", ["simulated", "planted"])
def test_images_of_drawn_scenes(tmp_path, kind):
    scenes = tmp_path / "scenes"
    drawn = CliRunner().invoke(
        app, ["draw-scenes", "--n-scenes", "6", "--size", "48", "--out", str(scenes)]
    )
    assert drawn.exit_code == 0, drawn.output
    out = tmp_path / "images.tsv"
    run("--kind", kind, "--scenes-dir", scenes, "--scenes", "0-1,4-5", "--out", out)
    images = ImageSet.read(out)
    assert images.ids == ["scene-00000", "scene-00001", "scene-00004", "scene-00005"]
    assert images.captions is not None
    assert all(images.captions)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--kind", "sheet"], "--kind sheet is unknown; allowed are simulated, planted, table, "),
        (["--kind", "table"], "--kind table needs the option --root"),
        (["--kind", "table", "--root", "."], "--kind table needs the option --images"),
        (["--kind", "algonauts2023", "--root", "."], "algonauts2023 needs the option --subject"),
        (["--kind", "nsd", "--root", "."], "--kind nsd needs the option --subject"),
        (["--kind", "simulated"], "--kind simulated needs the option --scenes-dir"),
        (["--kind", "planted", "--scenes-dir", "."], "--kind planted needs the option --scenes"),
    ],
)
def test_what_a_kind_needs_is_said(tmp_path, options, message):
    with pytest.raises(CortexlensError, match=message):
        run(*options, "--out", tmp_path / "images.tsv")
    assert not (tmp_path / "images.tsv").exists()
