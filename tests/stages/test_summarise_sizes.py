"""The stage summarise_sizes, through the command."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.cli import app
from cortexlens.errors import CortexlensError

WHOLE = {"readout": "factortopy", "roi": "all", "hemisphere": "both"}


def summarise(folder, families, *options):
    """Run the stage on networks of 10, 20, 40 … million parameters, and one subject named 1."""
    rows, lines, scores, described = [], [], [], []
    for number, family in enumerate(families):
        name = f"n{number}"
        rows.append({"backbone": name, "source": "zoo", "name": "vit-demo", "family": family})
        line = {"slope": 0.1 * number, "slope_low": 0, "slope_high": 1}
        lines.append({"subject": "1", "backbone": name, "readout": "factortopy", **line})
        score = {"r2_mean": 0.2, "r2_mean_low": 0.1, "r2_mean_high": 0.3}
        scores.append({"subject": "1", "backbone": name, **WHOLE, **score})
        path = folder / f"{name}.json"
        path.write_text(json.dumps({"backbone": name, "n_parameters": 10_000_000 * 2**number}))
        described.append(str(path))
    command = ["summarise-sizes", *described]
    for name, table in {"backbones": rows, "hierarchy": lines, "scores": scores}.items():
        pd.DataFrame(table).to_csv(folder / f"{name}.tsv", sep="\t", index=False)
        command += [f"--{name}", str(folder / f"{name}.tsv")]
    command += ["--out", str(folder / "out.tsv"), "--trends", str(folder / "trends.tsv")]
    command += ["--figures", str(folder / "figures"), *options]
    CliRunner().invoke(app, command, catch_exceptions=False)
    drawn = (folder / "figures" / "hierarchy_size.svg").read_text()
    assert (folder / "figures" / "hierarchy_size.png").stat().st_size > 1000
    found = [pd.read_csv(folder / name, sep="\t") for name in ("out.tsv", "trends.tsv")]
    return *found, drawn


def test_sizes_of_a_family_stand_below_each_other(tmp_path):
    table, trends, drawn = summarise(tmp_path, ["vit", "vit", "vit", "alone"])
    assert list(table["backbone"]) == ["n0", "n1", "n2"]
    assert list(table["size"]) == [10, 20, 40]
    slope = trends.set_index("quantity").loc["slope"]
    assert slope[["n", "per_doubling", "spearman"]].tolist() == pytest.approx([3, 0.1, 1])
    for text in ("vit", "million parameters", "mean test R²", "slope of the hierarchy"):
        assert f"{text}</text>" in drawn


def test_a_wider_interval_is_wider(tmp_path):
    ends = []
    for number, confidence_level in enumerate((0.5, 0.999)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "figures").mkdir()
        # a bend, so that there is a scatter about the line
        families = ["vit", "alone", "vit", "vit"]
        trends = summarise(folder, families, f"--confidence-level={confidence_level}")[1]
        ends.append(trends.set_index("quantity").loc["slope", ["low", "high"]].tolist())
    (low, high), (lower, higher) = ends
    assert lower <= low <= high <= higher


def test_networks_of_one_size_each_leave_tables_empty(tmp_path):
    table, trends, drawn = summarise(tmp_path, ["one", "two"])
    assert len(table) == len(trends) == 0
    assert "no family of this study has networks of several sizes" in drawn


def test_a_table_without_families_is_refused(tmp_path):
    summarise(tmp_path, ["vit", "vit"])
    (tmp_path / "backbones.tsv").write_text("backbone\tsource\tname\nn0\tzoo\tvit-demo\n")
    command = ["summarise-sizes", str(tmp_path / "n0.json")]
    for name in ("backbones", "hierarchy", "scores"):
        command += [f"--{name}", str(tmp_path / f"{name}.tsv")]
    command += ["--out", "o.tsv", "--trends", "t.tsv", "--figures", str(tmp_path)]
    with pytest.raises(CortexlensError, match="backbone, family are needed"):
        CliRunner().invoke(app, command, catch_exceptions=False)
