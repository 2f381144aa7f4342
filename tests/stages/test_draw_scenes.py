import numpy as np
from PIL import Image
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.study.simulation.scenes import COLUMNS, draw_scene, read_scenes


def draw(folder, n_scenes, seed="3"):
    command = ["draw-scenes", "--n-scenes", n_scenes, "--size", "64", "--seed", seed]
    result = CliRunner().invoke(app, [*command, "--out", str(folder)])
    assert result.exit_code == 0, result.output


def test_pictures_and_truth_are_written(tmp_path):
    draw(tmp_path / "scenes", "5")
    table = read_scenes(tmp_path / "scenes")
    assert tuple(table.columns) == COLUMNS
    assert table["image_id"].tolist() == [f"scene-{index:05d}" for index in range(5)]
    scene = draw_scene(3, 4, 64)
    row = table.iloc[4]
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "scenes" / row["file"])), scene.pixels
    )
    assert row["caption"] == scene.caption
    assert [thing["kind"] for thing in row["objects"]] == [thing.kind for thing in scene.objects]
    assert set(row["layout"]) == {"openness", "horizon", "vanishing"}


def test_a_second_run_replaces_the_first_and_leaves_nothing_beside_it(tmp_path):
    draw(tmp_path / "scenes", "3")
    first = (tmp_path / "scenes" / "scenes.tsv").read_bytes()
    draw(tmp_path / "scenes", "2")
    assert first.startswith((tmp_path / "scenes" / "scenes.tsv").read_bytes())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scenes"]
    # two pictures, their table and the manifest
    assert len(list((tmp_path / "scenes").iterdir())) == 4


def test_words_such_as_none_stay_words(tmp_path):
    """Captions and kinds are read as text, not as missing values."""
    draw(tmp_path / "scenes", "8")
    table = read_scenes(tmp_path / "scenes")
    assert table["caption"].map(type).eq(str).all()
    assert not table.drop(columns=["layout", "objects"]).isna().any().any()
