from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.dictionaries.quality import quality_table
from cortexlens.analysis.tables import write_table
from cortexlens.cli import app
from trained import quality


def test_layers_are_named_and_networks_stand_side_by_side(tmp_path):
    one = [quality(layer, seed) for layer in ("blocks.1", "blocks.7") for seed in (0, 1)]
    other = quality("blocks.7", backbone="other", recovered=None, components_recovered=None)
    widths = []
    for given in (one, [*one, other]):
        write_table(quality_table(given), tmp_path / "t.tsv")
        command = ["draw-saes", "--table", str(tmp_path / "t.tsv"), "--out", str(tmp_path)]
        CliRunner().invoke(app, command, catch_exceptions=False)
        with Image.open(tmp_path / "sae_quality.png") as picture:
            assert picture.text["Title"] == "sparse autoencoders"
            widths.append(picture.width)
    assert widths[1] > widths[0]
    drawing = (tmp_path / "sae_quality.svg").read_text()
    for text in ("blocks.1", "variance explained", "recovery of last layer", "as many components"):
        assert f"{text}</text>" in drawing
