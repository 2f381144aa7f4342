"""Fit each layer separately and choose the best layer per vertex: exhaustive layer selection."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.compute.checkpoints import Checkpoints
from cortexlens.encoding.data import FitData
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.fit import FitOptions, FittedMember, fit_members
from cortexlens.encoding.predictions import scores_on
from cortexlens.encoding.selectors import FreeSelectors, Selectors
from cortexlens.progress import say
from cortexlens.shapes import VALIDATION

# Logit whose softmax beside zeros is one-hot in single precision.
CERTAIN = 1e4
# Distance from the limits of tanh and sigmoid, at which their inverses are infinite.
NEAREST_TO_END = 1e-6


def fit_best_layer(
    data: FitData,
    coordinates: Float[np.ndarray, "vertex axis"] | None,
    options: FitOptions,
    seeds: Sequence[int],
    order_seed: int | None = None,
    checkpoints: Checkpoints | None = None,
) -> list[FittedMember]:
    """Fit a model to every layer alone and choose, per vertex, the layer of the best validation R².

    Parameters
    ----------
    data, coordinates, options, seeds, order_seed, checkpoints
        As for :func:`cortexlens.encoding.fit.fit_members`.

    Returns
    -------
    list of FittedMember
        One model per seed: a model of all layers with free selectors, one-hot over layers, whose
        predictions are those of the chosen layers' models. Learning curves are means over layers.
    """
    fits, scores = [], []
    for index, layer in enumerate(data.layers):
        say(f"layer {index + 1} of {len(data.layers)}")
        alone = replace(data, layers=[layer])
        of_layer = None if checkpoints is None else checkpoints.within(f"layer-{index}")
        fits.append(fit_members(alone, coordinates, options, seeds, order_seed, of_layer))
        scores.append(scores_on([member.model for member in fits[-1]], alone, VALIDATION))
    return [
        _joined([of_layer[number] for of_layer in fits], _best([each[number] for each in scores]))
        for number in range(len(seeds))
    ]


def _best(scores: Sequence[Float[np.ndarray, " vertex"]]) -> Int[Tensor, " vertex"]:
    """Return the index of the layer with the highest score; 0 for vertices without any score."""
    known = np.nan_to_num(np.stack(scores), nan=-np.inf)
    return torch.from_numpy(known.argmax(axis=0))


def _joined(fits: Sequence[FittedMember], best: Int[Tensor, " vertex"]) -> FittedMember:
    """Join the models of single layers into one model in which each vertex uses its best layer."""
    models = [fit.model for fit in fits]
    first = models[0]
    best = best.to(first.weight.device)
    vertices = torch.arange(len(best), device=best.device)
    channels = [model.channels[0] for model in models]
    n_vertices, dimensions = first.weight.shape
    scaled = first.selectors.scale is not None
    joined = FactorTopy(channels, n_vertices, dimensions, None, first.n_masked, scaled)
    joined = joined.to(first.weight.device)
    joined.compute_dtype = first.compute_dtype
    with torch.no_grad():
        for pair, model in zip(joined.alignments(), models, strict=True):
            for ours, theirs in zip(pair, model.alignments()[0], strict=True):
                ours.load_state_dict(theirs.state_dict())
        joined.weight.copy_(torch.stack([model.weight for model in models])[best, vertices])
        joined.bias.copy_(torch.stack([model.bias for model in models])[best, vertices])
        _join_selectors(joined, [model.selectors() for model in models], best)
    curves = zip(*((fit.curve_loss, fit.curve_r2_validation) for fit in fits), strict=True)
    loss, score = (_mean_curve(curve) for curve in curves)
    said = [fit.diverged for fit in fits if fit.diverged]
    return FittedMember(joined.eval(), loss, score, " ".join(said) or None)


def _join_selectors(
    joined: FactorTopy, selectors: Sequence[Selectors], best: Int[Tensor, " vertex"]
) -> None:
    """Set free selectors to the values of each vertex's best layer."""
    free, vertices = joined.selectors, torch.arange(len(best), device=best.device)
    assert isinstance(free, FreeSelectors)
    free.layer.copy_(CERTAIN * torch.nn.functional.one_hot(best, len(selectors)))
    if joined.n_masked:
        masks = torch.stack([each.mask[:, 0] for each in selectors if each.mask is not None], dim=1)
        free.space.copy_(masks.clamp_min(torch.finfo(masks.dtype).tiny).log().flatten(1))
    else:
        space = torch.stack([each.space for each in selectors])[best, vertices]
        free.space.copy_(space.clamp(NEAREST_TO_END - 1, 1 - NEAREST_TO_END).atanh())
    if free.scale is not None:
        scale = torch.stack([each.scale for each in selectors])[best, vertices]
        free.scale.copy_(scale.logit(NEAREST_TO_END)[:, None])


def _mean_curve(curves: Sequence[Float[np.ndarray, " _"]]) -> Float[np.ndarray, " epoch"]:
    """Average learning curves over fits; a fit that stopped early keeps its last value."""
    longest = max(map(len, curves))
    padded = [np.pad(curve, (0, longest - len(curve)), "edge") for curve in curves]
    return np.asarray(np.stack(padded).mean(axis=0))
