"""Members side by side: each is what it would be alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cortexlens.encoding.fit import FitOptions, fit_member, fit_members
from cortexlens.encoding.layers import gather
from cortexlens.encoding.predictions import mean_prediction, predict_images
from cortexlens.encoding.randomness import OwnRandom
from cortexlens.errors import CortexlensError
from encoders import planted_data

QUICK = FitOptions(
    dimensions=4,
    batch_size=16,
    epochs=3,
    learning_rate=0.01,
    regularization_images=100,
    dropout=0.3,
    precision="float32",
)
CPU = torch.device("cpu")


def assert_same(one, other):
    states = one.model.state_dict(), other.model.state_dict()
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        assert torch.equal(value, states[1][name]), name
    np.testing.assert_array_equal(one.curve_loss, other.curve_loss)
    np.testing.assert_array_equal(one.curve_r2_validation, other.curve_r2_validation)


@pytest.mark.parametrize("places", [None, np.eye(6, 3) * 50], ids=["free", "topology"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"selector_image_fraction": 0.3, "aligned_rms": 2.0}],
    ids=["plain", "shared constants"],
)
def test_a_member_does_not_depend_on_the_others(places, changes):
    data, _ = planted_data(1, n_images=60)
    options = replace(QUICK, **changes)
    together = fit_members(data, places, options, [4, 5, 6], order_seed=4)
    alone = [fit_members(data, places, options, [seed], order_seed=4)[0] for seed in (4, 5, 6)]
    for one, other in zip(together, alone, strict=True):
        assert_same(one, other)
    assert_same(together[0], fit_member(data, places, options, seed=4))
    assert not torch.equal(together[0].model.weight, together[1].model.weight)


def test_a_member_that_has_stopped_drops_out():
    """Pure noise is only ever fitted too well, by each member at another epoch."""
    data, _ = planted_data(3, n_images=60)
    response = np.random.default_rng(0).standard_normal(data.response.shape).astype(np.float32)
    data = replace(data, response=response)
    options = replace(QUICK, epochs=40, patience=2, learning_rate=0.03, dimensions=16)
    together = fit_members(data, None, options, range(4), order_seed=0)
    assert len({len(member.curve_loss) for member in together}) > 1
    for seed, member in enumerate(together):
        assert len(member.curve_loss) < options.epochs
        assert_same(member, fit_members(data, None, options, [seed], order_seed=0)[0])


def test_an_epoch_reads_each_image_once_for_all_members(monkeypatch):
    data, _ = planted_data(2, n_images=60)
    read = []

    def counted(layer, images, pinned=False):
        read.append(len(images))
        return gather(layer, images, pinned)

    for module in ("layers", "moments"):
        monkeypatch.setattr(f"cortexlens.encoding.{module}.gather", counted)
    counts = []
    for seeds in ([0], [0, 1, 2]):
        read.clear()
        fit_members(data, None, QUICK, seeds, order_seed=0)
        counts.append(sum(read))
    assert counts[0] == counts[1]


def test_a_member_that_diverges_stops_the_fit():
    data, _ = planted_data(8, n_images=40)
    with pytest.raises(CortexlensError, match="diverged in epoch 1: "):
        fit_members(data, None, replace(QUICK, learning_rate=1e25), [0, 1], order_seed=0)


def test_members_side_by_side_are_all_fitted_again():
    data, _ = planted_data(8, n_images=40)
    found, slower = (
        fit_members(data, None, replace(QUICK, learning_rate=rate), [0, 1], order_seed=0)
        for rate in (100, 10)
    )
    assert len({member.diverged for member in found}) == 1
    assert "diverged" in found[0].diverged
    for one, other in zip(found, slower, strict=True):
        np.testing.assert_array_equal(one.curve_loss, other.curve_loss)


def test_random_numbers_of_ones_own():
    one, other = (OwnRandom(seed, CPU) for seed in (1, 2))
    torch.manual_seed(9)
    outside = [torch.rand(2)]
    drawn = []
    for random in (one, other, one):
        with random.drawing():
            drawn.append(torch.rand(3))
    outside.append(torch.rand(2))
    torch.manual_seed(1)
    assert torch.equal(torch.cat([drawn[0], drawn[2]]), torch.cat([torch.rand(3), torch.rand(3)]))
    torch.manual_seed(9)
    assert torch.equal(torch.cat(outside), torch.cat([torch.rand(2), torch.rand(2)]))


def test_the_mean_prediction_is_that_of_each_member():
    data, _ = planted_data(4, n_images=150)
    fitted = fit_members(data, None, replace(QUICK, epochs=1), [0, 1], order_seed=0)
    models = [member.model for member in fitted]
    each = [predict_images(model, data, np.arange(150)) for model in models]
    np.testing.assert_array_equal(mean_prediction(models, data), each[0] / 2 + each[1] / 2)
