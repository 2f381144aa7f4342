"""FactorTopy models in the published format, and what they select and predict, in float64.

Numpy and scipy alone, straight from the state dict: nothing is shared with the package.
"""

import itertools

import numpy as np
import torch
from scipy.special import erf, expit, softmax

import equation

HIDDEN = 128


def random_state(
    rng: np.random.Generator,
    *,
    n_vertices: int = 7,
    dimensions: int = 5,
    channels: tuple[int, ...] = (4, 3, 6),
    last_bias: bool = False,
) -> dict[str, torch.Tensor]:
    """Tensors of a model whose vertices select differently."""
    state = {
        "weight": rng.standard_normal((n_vertices, dimensions)),
        "bias": rng.standard_normal(n_vertices),
    }
    for layer, count in enumerate(channels):
        size = (dimensions, count)
        state[f"local_token_bottleneck.{layer}.weight"] = rng.standard_normal((*size, 1, 1))
        state[f"global_token_bottleneck.{layer}.weight"] = rng.standard_normal(size)
    for part, n_out in (("space", 2), ("layer", len(channels)), ("scale", 1)):
        for number, n_in, width, gain in (
            (1, 192, HIDDEN, 1),
            (3, HIDDEN, HIDDEN, 1),
            (5, HIDDEN, n_out, 4),
        ):
            name = f"{part}_selector_mlp.{number}"
            state[f"{name}.weight"] = gain * rng.standard_normal((width, n_in)) / n_in**0.5
            if number < 5 or last_bias:
                state[f"{name}.bias"] = rng.standard_normal(width) / 2
    return {name: torch.tensor(values, dtype=torch.float32) for name, values in state.items()}


def code(coordinates: np.ndarray) -> np.ndarray:
    """Of every vertex, for each axis and each frequency, the sine and the cosine after it."""
    places = coordinates.astype(np.float64)
    places = (places - places.min(axis=0)) / np.ptp(places, axis=0).max() * 100
    columns = []
    for axis, frequency in itertools.product(range(3), range(32)):
        phase = places[:, axis] * 1000 ** (-frequency / 32)
        columns += [np.sin(phase), np.cos(phase)]
    return np.stack(columns, axis=1)


def selectors(state: dict[str, torch.Tensor], coordinates: np.ndarray) -> dict[str, np.ndarray]:
    """û, ω̂ and α̂ of every vertex."""
    values = {name: tensor.double().numpy() for name, tensor in state.items()}
    outputs = {}
    for part in ("space", "layer", "scale"):
        hidden = code(coordinates)
        for number in (1, 3, 5):
            name = f"{part}_selector_mlp.{number}"
            hidden = hidden @ values[f"{name}.weight"].T + values.get(f"{name}.bias", 0.0)
            if number < 5:
                hidden = hidden * (1 + erf(hidden / 2**0.5)) / 2
        outputs[part] = hidden
    return {
        "space": np.tanh(outputs["space"]),
        "layer": softmax(outputs["layer"], axis=1),
        "scale": expit(outputs["scale"][:, 0]),
    }


def predict(
    state: dict[str, torch.Tensor], chosen: dict[str, np.ndarray], tokens: list[np.ndarray]
) -> np.ndarray:
    """Equation (1) for the tokens of each layer, (image, token, channel), the global one last."""
    aligned = []
    for index, layer in enumerate(tokens):
        local, pooled = (
            state[f"{kind}_token_bottleneck.{index}.weight"].double().numpy()
            for kind in ("local", "global")
        )
        values = layer.astype(np.float64)
        parts = [values[:, :-1] @ local[:, :, 0, 0].T, values[:, -1:] @ pooled.T]
        aligned.append(np.concatenate(parts, axis=1))
    weight, bias = (state[name].double().numpy() for name in ("weight", "bias"))
    terms = equation.Terms(np.stack(aligned, axis=1), **chosen, weight=weight, bias=bias)
    return equation.predict(terms)
