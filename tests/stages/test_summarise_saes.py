import json

import pandas as pd
from typer.testing import CliRunner

from cortexlens.analysis.dictionaries.quality import COLUMNS
from cortexlens.cli import app
from trained import quality


def test_a_row_an_autoencoder(tmp_path):
    given = [quality(), quality(seed=1), quality("blocks.7", recovered=None)]
    files = []
    for number, report in enumerate(given):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(report))
    command = ["summarise-saes", *map(str, files), "--out", str(tmp_path / "t.tsv")]
    CliRunner().invoke(app, command, catch_exceptions=False)
    table = pd.read_csv(tmp_path / "t.tsv", sep="\t")
    assert tuple(table.columns) == COLUMNS
    assert table["layer"].tolist() == ["blocks.1", "blocks.1", "blocks.7"]
    assert table["sae_seed"].tolist() == [0, 1, 0]
    assert table["recovered"].isna().tolist() == [False, False, True]
    assert table.loc[0, "explained"] == 0.93
