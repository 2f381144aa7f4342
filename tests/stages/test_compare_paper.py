"""Own numbers beside the published ones: which networks match, and what stands in the table."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from cortexlens.analysis.scores.paper import COLUMNS, published_networks
from cortexlens.cli import app
from cortexlens.study.tsv import read_tsv
from studies import REPOSITORY


def network(backbone, source, name, weights="pretrained"):
    return {"backbone": backbone, "source": source, "name": name, "weights": weights}


CLIP = network("mine", "open_clip", "ViT-L-14/datacomp_xl_s13b_b90k")
SMALL_CLIP = network("small", "open_clip", "ViT-B-32/datacomp_s_s13m_b4k")
OTHER = network("other", "timm", "resnet50")


def compare(folder, networks, readout="factortopy", *options):
    """Run the stage on two subjects' numbers of every network, and on worse ones of others."""
    names = [row["backbone"] for row in networks]
    pairs = [(subject, name) for subject in (1, 2) for name in names]
    folder.mkdir(exist_ok=True)
    pd.DataFrame(networks).to_csv(folder / "backbones.tsv", sep="\t", index=False)
    whole = {"readout": readout, "roi": "all", "hemisphere": "both"}
    scores = [
        {"subject": f"s{s}", "backbone": name, **whole, "r2_mean": s / 10} for s, name in pairs
    ]
    scores += [{**row, "readout": "ridge", "r2_mean": 9} for row in scores]
    scores += [{**row, "hemisphere": "left", "r2_mean": 9} for row in scores]
    lines = [
        {
            **{"subject": f"s{s}", "backbone": name, "readout": readout},
            **{"slope": s, "b0": 0.5, "b1": 0.5 + s},
        }
        for s, name in pairs
    ]
    lines += [{**row, "readout": "mine", "slope": 9} for row in lines]
    regions = {"V1": 0.2, "V1_low": 0.1, "V1_high": 0.3}
    models = [{"subject": "s1", "model": "max", "value": "r2_mean", **regions, "V1": 9}]
    models += [{"subject": "mean", "model": "max", "value": "r2_mean", **regions}]
    models += [
        {"subject": "mean", "model": name, "value": "rms_difference", **regions} for name in names
    ]
    models = [{**row, "readout": readout} for row in models]
    models += [{**row, "readout": "mine", "V1": 9} for row in models]
    command = ["compare-paper", "--backbones", str(folder / "backbones.tsv")]
    for name, rows in {"scores": scores, "hierarchy": lines, "models": models}.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.tsv", sep="\t", index=False)
        command += [f"--{name}", str(folder / f"{name}.tsv")]
    command += ["--out", str(folder / "out.tsv"), "--figures", str(folder), *options]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert (
        "Comparison with published numbers</text>" in (folder / "paper_comparison.svg").read_text()
    )
    with Image.open(folder / "paper_comparison.png") as picture:
        return pd.read_csv(folder / "out.tsv", sep="\t"), picture.size


def test_a_published_network_stands_beside_its_numbers(tmp_path):
    table, size = compare(tmp_path, [CLIP, SMALL_CLIP, OTHER])
    assert tuple(table.columns) == COLUMNS
    assert set(table["backbone"]) == {"max", "mine", "small"}
    by = table.set_index(["backbone", "quantity", "roi"])
    r2 = by.loc[("mine", "r2", "all")]
    assert (r2["own"], r2["published"]) == pytest.approx((0.15, 0.132))
    assert r2["difference"] == pytest.approx(0.018, abs=1e-6)
    slope = by.loc[("mine", "slope", "all")]
    assert (slope["own"], slope["published"]) == (1.5, 0.53)
    # the same architecture, of other data
    assert by.loc[("small", "slope", "all"), "published"] == 0.11
    best = by.loc[("max", "r2_mean", "V1")]
    assert (best["own"], best["published"]) == (0.2, 0.237)
    lacking = by.loc[("mine", "rms_difference", "V1")]
    assert (lacking["own_low"], lacking["own_high"]) == (0.1, 0.3)
    assert lacking["published"] == 0.032
    # Table 1 means the largest CLIP
    assert ("small", "rms_difference", "V1") not in by.index
    assert size[1] > 700


def test_the_published_method_is_compared_where_there_are_fits_of_it(tmp_path):
    table, _ = compare(tmp_path / "both", [CLIP], "factortopy", "--readout", "mine")
    assert set(table["readout"]) == {"factortopy"}
    other, _ = compare(tmp_path / "other", [CLIP], "stacked", "--readout", "stacked")
    assert set(other["readout"]) == {"stacked"}
    np.testing.assert_array_equal(other["own"], table["own"])


def test_without_a_published_network_there_is_a_header_and_a_sentence(tmp_path):
    table, size = compare(tmp_path, [OTHER, {**CLIP, "weights": "mine.pt"}])
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 0
    assert size[1] < 400


def test_the_ready_made_study_of_the_paper_holds_all_but_stable_diffusion():
    columns = read_tsv(REPOSITORY / "config" / "paper" / "backbones.tsv", needed=["backbone"])
    rows = [dict(zip(columns, each, strict=True)) for each in zip(*columns.values(), strict=True)]
    found = published_networks({row["backbone"]: row for row in rows})
    assert set(columns["backbone"]) - set(found) == {"sd-1-5"}
    assert found["clip-b32-s"] == ("CLIP", "B/32 S")
    assert found["mocov3-s"] == ("MoCov3", "S")
    assert len(set(found.values())) == len(found) == 17
