"""The stage summarise_agreement: pairs of subjects on a shared cortex, through the command."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cortexlens.analysis.scores.subjects import COLUMNS
from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset
from fits import synthetic_fit, volume_fit


def table_of(folder, fits, *options):
    paths = [folder / f"{number}.zarr" for number in range(len(fits))]
    for path, fit in zip(paths, fits, strict=True):
        write_dataset(fit, path, kind="fit", provenance={})
    out = folder / "subject_agreement.tsv"
    command = ["summarise-agreement", *map(str, paths), "--out", str(out), "--bootstraps=100"]
    result = CliRunner().invoke(app, [*command, *options])
    assert result.exit_code == 0, result.output
    return pd.read_csv(out, sep="\t"), result.output


def test_a_known_difference_is_found_at_the_vertices_that_both_have(tmp_path):
    first = synthetic_fit("fsaverage5", 300, subject="a")
    second = first.isel(vertex=np.random.default_rng(0).permutation(300)[:200]).copy(deep=True)
    second["space_selector"] = second["space_selector"] + np.array([0.0, 0.5], np.float32)
    second["scale_selector"] = second["scale_selector"] + np.float32(0.1)
    table, _ = table_of(tmp_path, [first, second.assign_attrs(subject="b")])
    row = table.iloc[0]
    assert tuple(table.columns) == COLUMNS
    assert (row["first"], row["second"], row["n"]) == ("a", "b", 200)
    # half an image's half width is a quarter of its width
    for name, value in zip(COLUMNS[4::3][:4], [1, 0, 0.25, 0.1], strict=True):
        assert row[name] == pytest.approx(value, abs=1e-5)
        assert row[f"{name}_low"] == pytest.approx(value, abs=1e-5)
    assert row["blocks"] > 1


def test_every_pair_of_a_network_and_no_other_has_a_row(tmp_path):
    fits = [
        synthetic_fit("fsaverage5", 200, subject=who, backbone=net, seed=seed)
        for seed, (net, who) in enumerate([("x", "a"), ("x", "b"), ("x", "c"), ("y", "a")])
    ]
    table, _ = table_of(tmp_path, fits)
    assert table[["backbone", "first", "second"]].to_numpy().tolist() == [
        ["x", "a", "b"],
        ["x", "a", "c"],
        ["x", "b", "c"],
    ]
    middle = table["field_shift"]
    assert ((table["field_shift_low"] < middle) & (middle < table["field_shift_high"])).all()


def test_surfaces_through_volumes_are_compared_vertex_by_vertex(tmp_path):
    fits = [volume_fit(200, surface=True, subject=who) for who in ("a", "b")]
    table, _ = table_of(tmp_path, fits)
    assert table["n"].item() == fits[0].sizes["surface"]
    assert table["argmax_agreement"].item() == 1


def test_subjects_without_a_shared_cortex_are_told_and_left_out(tmp_path):
    fits = [synthetic_fit(None, 30, subject=who, rois=False) for who in ("a", "b")]
    table, output = table_of(tmp_path, fits)
    assert len(table) == 0
    assert "vit-demo: a and b share no place; no row" in output


def test_the_same_coordinates_are_the_same_places(tmp_path):
    places = np.random.default_rng(0).random((30, 3), np.float32)
    fits = [
        synthetic_fit(None, 30, subject=who, rois=False).assign(
            coordinates=(("vertex", "axis"), places)
        )
        for who in ("a", "b")
    ]
    table, _ = table_of(tmp_path, fits)
    assert table["n"].item() == 30
