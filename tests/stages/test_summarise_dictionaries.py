"""The stage summarise_dictionaries: rows are those of the store."""

import numpy as np
import pandas as pd
import pytest

from cortexlens.analysis.dictionaries.table import COLUMNS
from planted_units import LAYERS, built, compared, run, write_planted


def test_a_row_for_each_region_and_metric(tmp_path):
    planted = write_planted(tmp_path, n_images=240, n_vertices=40)
    for sae_seed in (0, 1):
        compared(planted, LAYERS[1], sae_seed)
    dictionary = built(planted, "--metric", "cosine")
    run("summarise-dictionaries", tmp_path / "dictionary.zarr", "--out", tmp_path / "d.tsv")
    table = pd.read_csv(tmp_path / "d.tsv", sep="\t")
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == 2 * dictionary.sizes["region"]
    assert set(table["metric"]) == {"cosine", "pearson"}
    whole = table.query("roi == 'all' and hemisphere == 'both' and metric == 'pearson'").iloc[0]
    one = dictionary.sel(metric="pearson")
    known = np.isfinite(one["held_out"].values)
    assert whole["n_vertices"] == known.sum() == 39
    assert whole["held_out_mean"] == pytest.approx(one["held_out"].values[known].mean(), rel=1e-5)
    assert whole["training_mean"] == pytest.approx(one["similarity"].values[known].mean(), rel=1e-5)
    null = one["null_maximum"].values[:, known]
    assert whole["null_training_high"] == pytest.approx(np.quantile(null, 0.975), rel=1e-5)
    assert whole["held_out_mean_low"] < whole["held_out_mean"] < whole["held_out_mean_high"]
    assert whole["null_held_out_mean"] < whole["null_training_mean"] < whole["training_mean"]
    assert np.isnan(whole["seed_correlation"])
    chosen = table.query("roi == 'all' and hemisphere == 'both' and metric == 'cosine'").iloc[0]
    assert chosen["seed_layer_agreement"] == 1
