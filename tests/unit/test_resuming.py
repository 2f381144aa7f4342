"""What was killed goes on where it was, and ends as if nothing had happened."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cortexlens.compute.checkpoints import Checkpoints, read_state
from cortexlens.compute.divergence import LossMonitor
from cortexlens.encoding import fit as fitting
from cortexlens.encoding.best_layer import fit_best_layer
from cortexlens.encoding.fit import FitOptions, fit_members
from encoders import planted_data

OPTIONS = FitOptions(
    dimensions=4,
    batch_size=16,
    epochs=3,
    learning_rate=0.01,
    regularization_images=100,
    dropout=0.2,
    precision="float32",
)


class Killed(BaseException):
    """As far as the fit knows, the end of everything."""


@pytest.fixture
def data():
    return planted_data(n_images=60)[0]


@pytest.fixture
def steps(monkeypatch):
    """Epochs that are fitted, and the number after which the job is killed."""
    counted = {"epochs": 0, "last": 1000}
    save = fitting.save

    def killed(members, checkpoints, name, epochs):
        save(members, checkpoints, name, epochs)
        counted["epochs"] += 1
        if counted["epochs"] == counted["last"]:
            raise Killed

    monkeypatch.setattr(fitting, "save", killed)
    return counted


def of(fitted):
    """All numbers of some models."""
    return [
        value.clone()
        for member in fitted
        for value in [
            *member.model.state_dict().values(),
            torch.tensor(member.curve_loss),
            torch.tensor(member.curve_r2_validation),
        ]
    ]


@pytest.mark.parametrize("killed_after", [1, 3, 4, 6])
@pytest.mark.parametrize("order_seed", [None, 5])
@pytest.mark.parametrize("changes", [{}, {"selector_image_fraction": 0.3, "aligned_rms": 1.0}])
def test_a_killed_fit_ends_as_an_undisturbed_one(
    data, steps, tmp_path, killed_after, order_seed, changes
):
    """Also one that was killed after its last epoch, before anything was written."""
    options = replace(OPTIONS, **changes)
    expected = fit_members(data, None, options, [0, 1], order_seed)
    whole = steps["epochs"]
    steps.update(epochs=0, last=min(killed_after, whole))
    with pytest.raises(Killed):
        fit_members(data, None, options, [0, 1], order_seed, Checkpoints(tmp_path / "fit", "key"))
    steps["last"] = 1000
    checkpoints = Checkpoints(tmp_path / "fit", "key")
    found = fit_members(data, None, options, [0, 1], order_seed, checkpoints)
    assert steps["epochs"] == whole
    for one, other in zip(of(expected), of(found), strict=True):
        assert torch.equal(one, other)
    checkpoints.remove()
    assert not list(tmp_path.iterdir())


def test_layers_that_were_fitted_are_not_fitted_again(data, steps, tmp_path):
    expected = fit_best_layer(data, None, OPTIONS, [0])
    whole = steps["epochs"]
    steps.update(epochs=0, last=OPTIONS.epochs + 1)
    with pytest.raises(Killed):
        fit_best_layer(data, None, OPTIONS, [0], None, Checkpoints(tmp_path / "fit", "key"))
    steps["last"] = 1000
    found = fit_best_layer(data, None, OPTIONS, [0], None, Checkpoints(tmp_path / "fit", "key"))
    assert steps["epochs"] == whole
    for one, other in zip(of(expected), of(found), strict=True):
        assert torch.equal(one, other)


def test_a_loss_that_was_usual_before_a_kill_is_so_after_it(data, steps, tmp_path, monkeypatch):
    steps["last"] = 1
    with pytest.raises(Killed):
        fit_members(data, None, OPTIONS, [0], None, Checkpoints(tmp_path / "fit", "key"))
    steps["last"] = 1000
    first, whole = [], LossMonitor.check

    def check(self, *arguments):
        first.append(self.usual)
        whole(self, *arguments)

    monkeypatch.setattr(LossMonitor, "check", check)
    fit_members(data, None, OPTIONS, [0], None, Checkpoints(tmp_path / "fit", "key"))
    resumed = first[0]
    first.clear()
    fit_members(data, None, OPTIONS, [0])
    assert first[0] == 0
    assert resumed in first[1:]


def test_the_state_of_another_fit_is_left_out(data, steps, tmp_path):
    fit_members(data, None, OPTIONS, [0], None, Checkpoints(tmp_path / "fit", {"rate": 1}))
    fit_members(data, None, OPTIONS, [0], None, Checkpoints(tmp_path / "fit", {"rate": 2}))
    assert steps["epochs"] == 2 * OPTIONS.epochs


def test_time_that_was_spent_before_counts(tmp_path, monkeypatch):
    clock = iter(np.arange(0.0, 100.0, 10.0))
    monkeypatch.setattr("cortexlens.compute.checkpoints.time.monotonic", lambda: float(next(clock)))
    Checkpoints(tmp_path / "fit", "key").within("part").write("a", {})
    checkpoints = Checkpoints(tmp_path / "fit", "key")
    checkpoints.within("part").read("a")
    assert checkpoints.seconds == 20


def test_a_damaged_state_is_left_out(tmp_path, capsys):
    (tmp_path / "state").write_bytes(b"PK\x03\x04 not all of it")
    assert read_state(tmp_path / "state", "key") is None
    assert "the checkpoint cannot be read" in capsys.readouterr().err
