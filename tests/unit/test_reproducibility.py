"""The same seed gives the same selectors; other numbers of threads the same scores."""

import numpy as np
import pytest
import torch

from cortexlens.encoding.ensemble import selector_variables
from cortexlens.encoding.fit import FitOptions, fit_members
from cortexlens.encoding.predictions import scores_on
from cortexlens.shapes import TEST
from encoders import planted_data

OPTIONS = FitOptions(
    dimensions=8,
    batch_size=16,
    epochs=12,
    learning_rate=0.01,
    regularization_images=200,
    dropout=0.2,
    precision="float32",
)


@pytest.fixture
def threads():
    """Set the number of threads; it is as before at the end."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def fitted(seed=3):
    """Selectors of a small fit, and R² of each vertex on the test images, by each member."""
    data, _ = planted_data(1, n_images=120)
    members = fit_members(data, None, OPTIONS, [seed, seed + 1])
    variables = selector_variables(members)
    selectors = {
        name: np.asarray(variable[1] if isinstance(variable, tuple) else variable)
        for name, variable in variables.items()
        if "selector" in name
    }
    return selectors, np.stack(scores_on([member.model for member in members], data, TEST))


def test_the_same_seed_gives_identical_selectors():
    (one, first), (other, second) = fitted(), fitted()
    assert len(one) >= 4
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)
    np.testing.assert_array_equal(first, second)
    another, _ = fitted(seed=30)
    assert any(not np.array_equal(values, another[name]) for name, values in one.items())


def test_the_number_of_threads_moves_no_score(threads):
    scores = {}
    for number in (1, 2, 4):
        threads(number)
        _, scores[number] = fitted()
    assert np.isfinite(scores[1]).all()
    assert scores[1].max() > 0.1
    for number in (2, 4):
        np.testing.assert_allclose(scores[number], scores[1], atol=1e-3)
