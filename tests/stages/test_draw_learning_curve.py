from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.scores.learning import learning_table
from cortexlens.analysis.tables import write_table
from cortexlens.cli import app
from fits import variant_fit


def test_a_row_is_drawn_for_what_was_compared(tmp_path):
    fits = [variant_fit("factortopy"), variant_fit("images-50", training_images=50, seed=1)]
    halves = [variant_fit(f"half-{half}", half=half, seed=2) for half in "ab"]
    heights = []
    for given in (fits, [*fits, *halves]):
        write_table(learning_table(given), tmp_path / "curve.tsv")
        command = ["draw-learning-curve", "--table", str(tmp_path / "curve.tsv")]
        command += ["--out", str(tmp_path)]
        CliRunner().invoke(app, command, catch_exceptions=False)
        with Image.open(tmp_path / "learning_curve.png") as picture:
            assert picture.text["Title"] == "learning curve"
            heights.append(picture.height)
    assert heights[1] > heights[0]
    assert "Learning curves</text>" in (tmp_path / "learning_curve.svg").read_text()
