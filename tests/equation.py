"""Equation (1) in float64, term by term as it is written, with its gradient worked out by hand.

v_i = Σ_l ω_il [ (1−α_i) · Interp(u_i; A_l) + α_i · g_l ],   y_i = (1/D) Σ_d v_id w_id + b_i

Numpy alone, and Interp as a product of hat functions, so that nothing is shared with the package.
"""

from dataclasses import dataclass, fields

import numpy as np


@dataclass
class Terms:
    """What equation (1) is made of, float64; or the gradient with respect to each.

    ``aligned`` is (image, layer, token, shared channel), its last token the global one; ``space``
    (vertex, 2: x, y), ``layer`` (vertex, layer), ``scale`` (vertex), ``weight`` (vertex, shared
    channel) and ``bias`` (vertex).
    """

    aligned: np.ndarray
    space: np.ndarray
    layer: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    bias: np.ndarray

    def items(self):
        return [(field.name, getattr(self, field.name)) for field in fields(self)]

    @property
    def height(self) -> int:
        return round((self.aligned.shape[2] - 1) ** 0.5)


def random_terms(
    rng: np.random.Generator,
    *,
    images: int = 3,
    vertices: int = 9,
    layers: int = 3,
    height: int = 4,
    channels: int = 5,
) -> Terms:
    """Random terms; places in the whole image up to its very edge and corners."""
    space = rng.uniform(-1, 1, (vertices, 2))
    edges = [(1, 1), (-1, -1), (1, -0.3), (0.1, -1)]
    space[: len(edges)] = edges[: min(len(edges), vertices)]
    layer = rng.exponential(size=(vertices, layers))
    return Terms(
        rng.standard_normal((images, layers, height**2 + 1, channels)),
        space,
        layer / layer.sum(axis=1, keepdims=True),
        rng.random(vertices),
        rng.standard_normal((vertices, channels)),
        rng.standard_normal(vertices),
    )


def _hats(position: float, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Bilinear weights of the tokens along one side for a place in [−1, 1], and their slopes.

    Token j covers an area of the image with its centre at −1 + (2j + 1) / height; a weight falls
    linearly from 1 at the centre to 0 at the neighbouring centre. Beyond the outermost centres
    there is nothing: zeros.
    """
    centre = -1 + (2 * np.arange(height) + 1) / height
    distance = (position - centre) * height / 2
    inside = np.abs(distance) < 1
    weight = np.where(inside, 1 - np.abs(distance), 0)
    return weight, np.where(inside, -np.sign(distance) * height / 2, 0)


def predict(terms: Terms) -> np.ndarray:
    """y of every image and vertex."""
    predicted = np.zeros((len(terms.aligned), len(terms.bias)))
    for b, image in enumerate(terms.aligned):
        for i in range(len(terms.bias)):
            predicted[b, i] = np.mean(_vector(terms, image, i) * terms.weight[i]) + terms.bias[i]
    return predicted


def _vector(terms: Terms, image: np.ndarray, i: int) -> np.ndarray:
    """v_i: what vertex i reads of an image."""
    across, _ = _hats(terms.space[i, 0], terms.height)
    down, _ = _hats(terms.space[i, 1], terms.height)
    vector = np.zeros(terms.weight.shape[1])
    for layer, tokens in zip(terms.layer[i], image, strict=True):
        local = np.zeros_like(vector)
        for row in range(terms.height):
            for column in range(terms.height):
                local += down[row] * across[column] * tokens[row * terms.height + column]
        vector += layer * ((1 - terms.scale[i]) * local + terms.scale[i] * tokens[-1])
    return vector


def gradient(terms: Terms, upstream: np.ndarray) -> Terms:
    """Gradient of Σ upstream · y, by the chain rule applied to each term of equation (1)."""
    total = Terms(*(np.zeros_like(value) for _, value in terms.items()))
    for b, image in enumerate(terms.aligned):
        for i in range(len(terms.bias)):
            total.bias[i] += upstream[b, i]
            n_channels = terms.weight.shape[1]
            total.weight[i] += upstream[b, i] * _vector(terms, image, i) / n_channels
            of_vector = upstream[b, i] * terms.weight[i] / n_channels
            _add_gradient_of_reading(total, terms, b, i, of_vector)
    return total


def _add_gradient_of_reading(
    total: Terms, terms: Terms, b: int, i: int, of_vector: np.ndarray
) -> None:
    """Add the gradients that flow through v_i of image b."""
    across, across_slope = _hats(terms.space[i, 0], terms.height)
    down, down_slope = _hats(terms.space[i, 1], terms.height)
    scale = terms.scale[i]
    for index, layer in enumerate(terms.layer[i]):
        grid = terms.aligned[b, index, :-1].reshape(terms.height, terms.height, -1)
        pooled = terms.aligned[b, index, -1]
        local = np.einsum("r,c,rcd->d", down, across, grid)
        total.layer[i, index] += of_vector @ ((1 - scale) * local + scale * pooled)
        total.scale[i] += layer * of_vector @ (pooled - local)
        share = layer * (1 - scale)
        by_x = np.einsum("r,c,rcd->d", down, across_slope, grid)
        by_y = np.einsum("r,c,rcd->d", down_slope, across, grid)
        total.space[i] += share * np.array([of_vector @ by_x, of_vector @ by_y])
        mask = np.outer(down, across).reshape(-1, 1)
        total.aligned[b, index, :-1] += share * mask * of_vector
        total.aligned[b, index, -1] += layer * scale * of_vector


def assert_close(found: object, expected: np.ndarray, tolerance: float, name: str = "") -> None:
    """The largest difference is at most ``tolerance`` times the largest expected value."""
    found = np.asarray(found, dtype=np.float64)
    assert found.shape == expected.shape, name
    difference = np.abs(found - expected).max()
    assert difference <= tolerance * np.abs(expected).max(), (name, difference)
