"""Table of the stability of autoencoders: unit directions matched between seeds."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from cortexlens.sae.matching import match_directions
from cortexlens.sae.model import Sae

COLUMNS = (
    *("backbone", "layer", "seed", "other_seed", "n_units"),
    *("cosine_mean", "cosine_median", "share_same"),
    *("cosine_mean_chance", "share_same_chance"),
)
# Smallest cosine at which two directions count as the same.
SAME = 0.9


def sae_stability_table(saes: Sequence[Sae], seed: int) -> pd.DataFrame:
    """``sae_stability.tsv``: one row for each pair of seeds of each layer.

    Parameters
    ----------
    saes
        Autoencoders, those of each layer in the order of their seeds.
    seed
        Seed of the chance level.
    """
    layers: dict[tuple[str, str], list[Sae]] = {}
    for each in saes:
        layers.setdefault((each.about.backbone, each.about.layer), []).append(each)
    rows = []
    for (backbone, layer), own in layers.items():
        decoders = [each.decoder.weight.detach().numpy() for each in own]
        for one, other in combinations(range(len(own)), 2):
            found = match_directions(decoders[one], decoders[other], seed)
            names = {"backbone": backbone, "layer": layer, "seed": one, "other_seed": other}
            rows.append({**names, "n_units": own[one].n_units, **_cells(*found)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _cells(found: np.ndarray, by_chance: np.ndarray) -> dict[str, float]:
    return {
        "cosine_mean": float(found.mean()),
        "cosine_median": float(np.median(found)),
        "share_same": float((found >= SAME).mean()),
        "cosine_mean_chance": float(by_chance.mean()),
        "share_same_chance": float((by_chance >= SAME).mean()),
    }
