"""Inversion of diffusion networks: images are transformed into noise, and layers read on the way.

A latent z₀ is transformed into z_T in T steps. Step k (k = 1 … T) is one forward pass of the
denoiser on z_{k−1} and the time τ_k that the step leads to; its prediction yields z_k. *Time step
k* denotes the hidden states of that pass.

- Networks that predict noise: DDIM inversion (Song et al. 2021, arXiv 2010.02502, eq. 12 in
  reverse) by diffusers' ``DDIMInverseScheduler``.
- Networks that predict a velocity (flow matching): the Euler steps of their scheduler, reversed:
  z_k = z_{k−1} + (σ_k − σ_{k−1}) v(z_{k−1}, τ_k), with σ increasing from 0.

Nothing is random. The guidance scale is 1: only the empty prompt is used.
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
    """Steps of DDIM inversion.

    Parameters
    ----------
    config
        ``scheduler_config.json`` of a repository, for any scheduler with a table of betas.
    n_steps
        Number of steps, T.

    Attributes
    ----------
    times
        τ_k of each step, in the denoiser's units.
    settings
        Everything that determines the steps, as JSON values.
    """

    def __init__(self, config: dict[str, Any], n_steps: int) -> None:
        from diffusers import DDIMInverseScheduler

        # On the CPU, even if a network is built on the meta device. Latents are unbounded, so
        # nothing is clipped; other spacings are specific to sampling schedulers.
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
        """Advance a latent from step ``number`` − 1 to ``number`` by the prediction ``found``.

        Parameters
        ----------
        number
            Number of the step, from 1.
        found
            Noise that the denoiser predicts.
        latent
            Latent before the step.
        """
        carried: Latent = self.scheduler.step(found, self.times[number - 1], latent)[0]
        return carried


class FlowAscent:
    """Reversed Euler steps of a flow-matching scheduler; attributes as in :class:`NoiseAscent`.

    Parameters
    ----------
    config
        ``scheduler_config.json`` of a ``FlowMatchEulerDiscreteScheduler``.
    n_steps
        Number of steps, T.
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
        """Advance a latent from step ``number`` − 1 to ``number`` by the prediction ``found``.

        Parameters
        ----------
        number
            Number of the step, from 1.
        found
            Velocity that the denoiser predicts.
        latent
            Latent before the step.
        """
        return latent + (self.levels[number] - self.levels[number - 1]) * found


def _settings(scheduler: Any) -> dict[str, Any]:
    chosen = {key: value for key, value in scheduler.config.items() if not key.startswith("_")}
    return {"scheduler": type(scheduler).__name__, **chosen}


class Inversion(nn.Module):
    """A diffusion network that inverts images.

    Parameters
    ----------
    denoiser
        Called with a latent and a time; its modules are the layers that are read.
    encoder
        Maps images to clean latents.
    ascent
        Steps of the inversion.
    native_size
        Side in pixels of the images that the network was designed for.
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
        """Return the latent after all steps."""
        latent: Latent = self.encoder(pictures)
        for number, time in enumerate(self.ascent.times, 1):
            latent = self.ascent.step(number, self.denoiser(latent, time), latent)
        return latent


class InversionReader:
    """Reads layers at one time step, or one layer at several, in a single inversion per image.

    The latents of a batch are inverted together. Only the requested maps are kept, and no step
    beyond the last requested one is computed.

    Parameters
    ----------
    network
        The network.
    names
        Modules of its denoiser.
    steps
        Time steps to read, ascending, from 1.
    probe
        At least two images, from which order and layouts are determined.
    backbone
        Identifier of the row, for error messages.

    Raises
    ------
    CortexlensError
        If there is no such step, or several steps of several modules are requested.
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
            allowed = f"a single module with several time_steps, not {len(names)}"
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
        """Invert images up to the last requested time step.

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
