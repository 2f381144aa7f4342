"""Drift of each layer's features in fine-tuning, measured on the images of the study."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from jaxtyping import Float

from cortexlens.analysis.finetuning.pairs import WHOSE, Origin, pairs
from cortexlens.analysis.statistics.cka import FEWEST_IMAGES, linear_cka
from cortexlens.errors import CortexlensError
from cortexlens.features.store import Features
from cortexlens.progress import track

GLOBAL, LOCAL = "global", "local"
ENDS: Final = ("cka", "cka_low", "cka_high")
COLUMNS: Final = (
    *(*WHOSE, "layer", "layer_name", "depth", "tokens", "n_images", "channels"),
    *ENDS,
)
_IMAGES_AT_ONCE: Final = 64


def drift_table(
    features: Sequence[tuple[str, Features]], derived: dict[str, Origin], confidence_level: float
) -> pd.DataFrame:
    """``finetune_drift.tsv``: linear CKA of every layer before and after fine-tuning.

    Parameters
    ----------
    features
        Subject and features of fine-tuned networks and of their base networks.
    derived
        Fine-tuned network → its origin.
    confidence_level
        Confidence level of the intervals.

    Returns
    -------
    pd.DataFrame
        Columns :data:`COLUMNS`; two rows per layer, for its global token and for the mean of its
        local tokens.
    """
    stores: dict[tuple[str, ...], Features]
    stores = {(store.attributes["backbone"]["backbone"], who): store for who, store in features}
    rows = []
    for pair in pairs(stores, derived):
        _check(pair.before, pair.after)
        layers = list(enumerate(pair.before.layer_names))
        for layer, layer_name in track(layers, f"layers of {pair.name} to {pair.shared[0]}"):
            about = {
                **pair.columns(),
                "layer": layer,
                "layer_name": layer_name,
                "depth": layer / max(1, len(layers) - 1),
                "n_images": pair.before.n_images,
                "channels": pair.before.channels[layer],
            }
            x, y = (pooled_tokens(store, layer) for store in (pair.before, pair.after))
            for tokens in (GLOBAL, LOCAL):
                cka = linear_cka(x[tokens], y[tokens], confidence_level)
                rows.append({**about, "tokens": tokens, **dict(zip(ENDS, cka, strict=True))})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _check(before: Features, after: Features) -> None:
    """Refuse stores of different images or layers."""
    same = all(
        before.attributes[key] == after.attributes[key] for key in ("image_ids_hash", "layer_names")
    )
    if not same or before.n_images < FEWEST_IMAGES:
        raise CortexlensError(
            f"{before.path} and {after.path}: found {before.n_images} and {after.n_images} images, "
            f"{len(before.channels)} and {len(after.channels)} layers; both need the same images, "
            f"at least {FEWEST_IMAGES}, and the same layers. Extract the features again."
        )


def pooled_tokens(store: Features, layer: int) -> dict[str, Float[np.ndarray, "image channel"]]:
    """Global token, and mean of the local tokens, of every image.

    Parameters
    ----------
    store
        Features, read some images at a time.
    layer
        Index of the layer, from 0.
    """
    shape = (store.n_images, store.channels[layer])
    found = {tokens: np.empty(shape, np.float32) for tokens in (GLOBAL, LOCAL)}
    for start in range(0, store.n_images, _IMAGES_AT_ONCE):
        block = slice(start, start + _IMAGES_AT_ONCE)
        values = store.read(layer, block)
        found[GLOBAL][block] = values[:, -1]
        found[LOCAL][block] = values[:, :-1].mean(axis=1, dtype=np.float32)
    return found
