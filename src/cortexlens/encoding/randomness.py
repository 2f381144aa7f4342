"""An independent random state for each model, whatever other models draw."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


class OwnRandom:
    """A state of PyTorch's random generators that belongs to one model.

    Parameters
    ----------
    seed
        Initial seed.
    device
        Device of the model; the state covers the generators of the CPU and of a GPU.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._gpus = [torch.cuda.current_device()] if device.type == "cuda" else list[int]()
        with torch.random.fork_rng(devices=self._gpus):
            torch.manual_seed(seed)
            self._take()

    def _take(self) -> None:
        self._state = torch.get_rng_state()
        self._gpu_states = [torch.cuda.get_rng_state(gpu) for gpu in self._gpus]

    def state_dict(self) -> dict[str, Any]:
        """Return the current state."""
        return {"state": self._state, "gpus": self._gpu_states}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state from :meth:`state_dict`."""
        self._state, self._gpu_states = state["state"], state["gpus"]

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Context in which PyTorch draws from this state, continuing where it last stopped."""
        with torch.random.fork_rng(devices=self._gpus):
            torch.set_rng_state(self._state)
            for gpu, state in zip(self._gpus, self._gpu_states, strict=True):
                torch.cuda.set_rng_state(state, gpu)
            yield
            self._take()
