"""The stage summarise_units: three tables of several subjects."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from saes import made_up, write_study


def run(folder, *dictionaries):
    command = ["summarise-units", *map(str, dictionaries), "--units", str(folder / "units")]
    command += ["--subjects", str(folder / "subjects"), "--out", str(folder / "tables")]
    command += ["--permutations", "99", "--bootstraps", "100"]
    CliRunner().invoke(app, command, catch_exceptions=False)
    return {
        path.stem: pd.read_csv(path, sep="\t") for path in sorted((folder / "tables").iterdir())
    }


def test_the_tables_hold_every_subject(tmp_path):
    paths = [write_study(tmp_path, made_up(subject=name)) for name in ("sim01", "sim02")]
    tables = run(tmp_path, *paths)
    assert list(tables) == ["dictionary_overlap", "unit_agreement", "unit_selectivity"]
    for table in tables.values():
        assert set(table["subject"]) == {"sim01", "sim02"}
    own = tables["unit_selectivity"].query("roi == 'V1' and category == 'face' and chosen == 1")
    assert own[own.measure == "auc"]["units"].min() > 0.7
    assert own[own.measure == "dprime"]["units"].min() > 0.5
    assert tables["unit_selectivity"]["p_units"].min() == pytest.approx(0.01)


def test_without_labels_only_the_overlap_is_known(tmp_path):
    path = write_study(tmp_path, made_up(100, 80))
    images = tmp_path / "subjects" / "sim01" / "images.tsv"
    cut = [line.rsplit("\t", 1)[0] for line in images.read_text().splitlines()]
    images.write_text("\n".join(cut) + "\n")
    tables = run(tmp_path, path)
    assert tables["unit_selectivity"].empty
    assert tables["unit_agreement"].empty
    assert not tables["dictionary_overlap"].empty
