"""The stage match_saes: directions of seeds matched one to one."""

import pandas as pd
import torch

from cortexlens.analysis.dictionaries.stability import COLUMNS
from cortexlens.sae.model import save_sae
from planted_units import LAYERS, N_UNITS, run, true_sae


def test_reordered_directions_match_and_others_do_not(tmp_path):
    paths = []
    for layer in LAYERS:
        for seed in (0, 1, 2):
            sae = true_sae(layer, seed)
            if seed == 2:
                with torch.no_grad():
                    sae.decoder.weight.copy_(
                        torch.nn.functional.normalize(torch.randn(sae.decoder.weight.shape), dim=1)
                    )
            paths.append(tmp_path / layer / f"seed-{seed}" / "sae.safetensors")
            save_sae(sae, paths[-1])
    run("match-saes", *paths, "--out", tmp_path / "t.tsv")
    table = pd.read_csv(tmp_path / "t.tsv", sep="\t")
    assert list(table.columns) == list(COLUMNS)
    assert table[["seed", "other_seed"]].values.tolist() == [[0, 1], [0, 2], [1, 2]] * 2
    assert table["layer"].tolist() == [LAYERS[0]] * 3 + [LAYERS[1]] * 3
    assert (table["n_units"] == N_UNITS).all()
    same, others = table[table["other_seed"] == 1], table[table["other_seed"] == 2]
    assert (same["share_same"] == 1).all()
    assert (same["cosine_mean"] > 0.999).all()
    assert (others["share_same"] == 0).all()
    assert (abs(others["cosine_mean"] - others["cosine_mean_chance"]) < 0.03).all()
    assert (table["cosine_mean_chance"] < 0.5).all()
