"""Inversion of diffusion networks: from a picture up to noise, layers read on the way.

A latent z₀ is carried to z_T in T steps. Step k (k = 1 … T) is one forward pass of the denoiser: it
is shown z_{k−1} together with the time τ_k that the step leads to, and what it finds carries the
latent on to z_k. *Time step k* means the hidden states of that pass.

- Networks that find noise: DDIM inversion (Song et al. 2021, arXiv 2010.02502, eq. 12 read
  backwards) by diffusers' ``DDIMInverseScheduler``.
- Networks that find a velocity (flow matching): the Euler steps of their scheduler, reversed:
  z_k = z_{k−1} + (σ_k − σ_{k−1}) v(z_{k−1}, τ_k), σ rising from 0.

Nothing is drawn at random. Guidance is 1: the empty prompt alone.
"""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import nn

from cortexlens.backbones.hooks import HookReader, RawLayer
from cortexlens.backbones.row import refuse
from cortexlens.shapes import LAYER, TIME_STEP

Latent = Float[torch.Tensor, "batch latent high wide"]


class NoiseAscent:
    """DDIM inversion.

    Parameters
    ----------
    config
        A repository's ``scheduler_config.json``, of any scheduler with a table of betas.
    n_steps
        T.

    Attributes
    ----------
    times
        τ_k of each step, as the denoiser is told it.
    settings
        All that decides the steps, as JSON values.
    """

    def __init__(self, config: dict[str, Any], n_steps: int) -> None:
        from diffusers import DDIMInverseScheduler

        # On the processor, also where a network is built without memory of its own. Latents have
        # no bounds, so that nothing is clipped; other spacings are the sampling schedulers' own.
        wanted = {key: value for key, value in config.items() if not key.startswith("_")}
        wanted["clip_sample"] = False
        if wanted.get("timestep_spacing") not in ("leading", "trailing"):
            wanted["timestep_spacing"] = "leading"
        with torch.device("cpu"):
            self.scheduler: Any = DDIMInverseScheduler.from_config(wanted)  # type: ignore[no-untyped-call]
            self.scheduler.set_timesteps(n_steps)
        self.times = [int(time) for time in self.scheduler.timesteps]
        self.settings = _settings(self.scheduler)

    def step(self, number: int, found: Latent, latent: Latent) -> Latent:
        """Carry a latent from step ``number`` − 1 to ``number``."""
        carried: Latent = self.scheduler.step(found, self.times[number - 1], latent)[0]
        return carried


class FlowAscent:
    """Reversed Euler steps of a flow-matching scheduler; attributes as of :class:`NoiseAscent`.

    Parameters
    ----------
    config
        ``scheduler_config.json`` of a ``FlowMatchEulerDiscreteScheduler``.
    n_steps
        T.
    """

    def __init__(self, config: dict[str, Any], n_steps: int) -> None:
        from diffusers import FlowMatchEulerDiscreteScheduler

        with torch.device("cpu"):
            scheduler: Any = FlowMatchEulerDiscreteScheduler.from_config(config)  # type: ignore[no-untyped-call]
            scheduler.set_timesteps(n_steps)
        self.times = [float(time) for time in scheduler.timesteps.flip(0)]
        self.levels = [float(level) for level in scheduler.sigmas.flip(0)]
        self.settings = _settings(scheduler)

    def step(self, number: int, found: Latent, latent: Latent) -> Latent:
        """Carry a latent from step ``number`` − 1 to ``number``."""
        return latent + (self.levels[number] - self.levels[number - 1]) * found


def _settings(scheduler: Any) -> dict[str, Any]:
    chosen = {key: value for key, value in scheduler.config.items() if not key.startswith("_")}
    return {"scheduler": type(scheduler).__name__, **chosen}


class Inversion(nn.Module):
    """A diffusion network that inverts pictures.

    Parameters
    ----------
    denoiser
        Called with a latent and a time; the module whose parts are read.
    encoder
        From pictures to clean latents.
    ascent
        The steps.
    native_size
        Side of the pictures that the network is made for, pixels.
    """

    def __init__(
        self,
        denoiser: nn.Module,
        encoder: nn.Module,
        ascent: NoiseAscent | FlowAscent,
        native_size: int,
    ) -> None:
        super().__init__()
        self.denoiser, self.encoder = denoiser, encoder
        self.ascent, self.native_size = ascent, native_size

    def forward(self, pictures: Float[torch.Tensor, "batch 3 height width"]) -> Latent:
        """Give the latent at the end of all steps."""
        latent: Latent = self.encoder(pictures)
        for number, time in enumerate(self.ascent.times, 1):
            latent = self.ascent.step(number, self.denoiser(latent, time), latent)
        return latent


class InversionReader:
    """Reads layers at one time step, or one layer at several, out of one inversion a picture.

    The latents of a batch are carried up together; of what is between them nothing is kept but the
    maps that are asked for, and no step is taken beyond the last of these.

    Parameters
    ----------
    network
        The network.
    names
        Modules of its denoiser.
    steps
        Time steps to read, ascending, from 1.
    probe
        At least two pictures.
    backbone
        Identifier of the row, for messages.

    Raises
    ------
    CortexlensError
        If there is no such step, or several steps of several modules are asked for.
    """

    def __init__(
        self,
        network: Inversion,
        names: Sequence[str],
        steps: Sequence[int],
        probe: Float[torch.Tensor, "batch 3 height width"],
        backbone: str,
    ) -> None:
        n_steps = len(network.ascent.times)
        if steps[-1] > n_steps:
            refuse(backbone, "time_steps", steps[-1], f"1 to {n_steps}, the inversion_steps")
        if len(steps) > 1 and len(names) > 1:
            allowed = f"one module where time_steps are several, not {len(names)}"
            refuse(backbone, "layers", ",".join(names[:3]), allowed)
        self.network, self.steps = network, steps
        first = network.encoder(probe)
        time = network.ascent.times[0]
        self.inner = HookReader(network.denoiser, names, first, backbone, time)
        self.layer_axis = TIME_STEP if len(steps) > 1 else LAYER
        self.layer_names, self.layouts = self.inner.layer_names, self.inner.layouts
        if self.layer_axis == TIME_STEP:
            width = len(str(n_steps))
            self.layer_names = [f"t{step:0{width}d}" for step in steps]
            self.layouts = self.inner.layouts * len(steps)
        self.description: dict[str, Any] = {
            "modules": self.inner.layer_names,
            "inversion_steps": n_steps,
            "time_steps": list(steps),
            "times": [network.ascent.times[step - 1] for step in steps],
            **network.ascent.settings,
        }

    def __call__(self, batch: Float[torch.Tensor, "batch 3 height width"]) -> list[RawLayer]:
        """Invert pictures as far as the last wanted time step.

        Returns
        -------
        list of RawLayer
            In the order of ``layer_names``.
        """
        denoiser, ascent = self.network.denoiser, self.network.ascent
        latent, read = self.network.encoder(batch), list[RawLayer]()
        for number, time in enumerate(ascent.times[: self.steps[-1]], 1):
            if number == self.steps[-1]:
                return read + self.inner(latent, time)
            if number in self.steps:
                layers, found = self.inner.with_output(latent, time)
                read += layers
            else:
                found = denoiser(latent, time)
            latent = ascent.step(number, found, latent)
        raise AssertionError("the last wanted step is among the steps")
