"""Random numbers of one model's own, whatever else draws beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


class OwnRandom:
    """The state of PyTorch's generators that one model draws from.

    Parameters
    ----------
    seed
        Where it starts.
    device
        That the model is on; its processor's generator belongs to the state too.
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
        """Where it stands."""
        return {"state": self._state, "gpus": self._gpu_states}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where another stood."""
        self._state, self._gpu_states = state["state"], state["gpus"]

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Within, PyTorch draws from this state, and goes on from where it was left."""
        with torch.random.fork_rng(devices=self._gpus):
            torch.set_rng_state(self._state)
            for gpu, state in zip(self._gpus, self._gpu_states, strict=True):
                torch.cuda.set_rng_state(state, gpu)
            yield
            self._take()
