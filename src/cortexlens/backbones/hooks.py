"""Tokens of any network's layers, read by forward hooks on its modules."""

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from fnmatch import translate
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import nn

from cortexlens.backbones.tokens import Known, known_tokens, prefix_of
from cortexlens.errors import CortexlensError

# Maximum length of a list of module names in a message, in characters.
LONGEST_LIST = 300


class RawLayer(NamedTuple):
    """Output of one layer for a batch."""

    local: Float[torch.Tensor, "batch channel height width"]
    class_token: Float[torch.Tensor, "batch channel"] | None


class _AllSeenError(Exception):
    """Ends a forward pass once every requested layer has run; never leaves this module."""


def matching_modules(network: nn.Module, patterns: str, backbone: str) -> list[str]:
    """Names of the modules that match a comma-separated list of patterns.

    Parameters
    ----------
    network
        The network.
    patterns
        Names as in ``named_modules``; ``*``, ``?`` and ``[…]`` match anything but a dot.
    backbone
        Identifier of the row, for error messages.

    Returns
    -------
    list of str
        Without duplicates, in the network's own order.

    Raises
    ------
    CortexlensError
        If a pattern matches nothing.
    """
    names = [name for name, _ in network.named_modules() if name]
    wanted: set[str] = set()
    for pattern in (part.strip() for part in patterns.split(",")):
        found = {name for name in names if _matches(name, pattern)}
        if not found:
            raise CortexlensError(
                f"backbone {backbone!r}: column layers holds {pattern!r}, which is not a module of "
                f"the network; its modules are {module_names(network)}. Correct this row of "
                "backbones.tsv."
            )
        wanted |= found
    return [name for name in names if name in wanted]


def module_names(network: nn.Module) -> str:
    """List the modules of the first two levels of a network, for error messages."""
    names = [name for name, _ in network.named_modules() if name]
    upper = [name for name in names if name.count(".") <= 1]
    shown: list[str] = []
    for name in upper:
        if sum(len(each) + 2 for each in shown) > LONGEST_LIST:
            break
        shown.append(name)
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more, most of them within these" if more else "")


def _matches(name: str, pattern: str) -> bool:
    """Match part by part, so that ``layer1.*`` matches the blocks but not their submodules."""
    parts, globs = name.split("."), pattern.split(".")
    return len(parts) == len(globs) and all(
        re.fullmatch(translate(glob), part) for part, glob in zip(parts, globs, strict=True)
    )


class HookReader:
    """Reads the outputs of named modules during a forward pass.

    Parameters
    ----------
    network
        The network, in evaluation mode.
    names
        Modules to read; they are sorted by order of execution.
    probe
        A small batch of at least two images, from which order and layouts are determined.
    backbone
        Identifier of the row, for error messages.
    *more
        Further arguments of the network's forward pass.
    prefix_tokens
        Number of tokens before those of the map; None: as the network states, see
        :mod:`cortexlens.backbones.tokens`.
    class_token
        Whether the first of ``prefix_tokens`` is a class token if the network does not state it.
    map_side
        Side of the maps, if it is known from elsewhere.

    Raises
    ------
    CortexlensError
        If a module does not run exactly once, or its output is not a map.
    """

    def __init__(
        self,
        network: nn.Module,
        names: Sequence[str],
        probe: Float[torch.Tensor, "batch channel height width"],
        backbone: str,
        *more: Any,
        prefix_tokens: int | None = None,
        class_token: bool = False,
        map_side: int | None = None,
    ) -> None:
        self.network, self.backbone = network, backbone
        # which of a block's outputs is the image's rather than the prompt's, if there are several
        self.place = int(getattr(network, "picture_output", 0))
        calls = self._probe(names, (probe, *more))
        for name in names:
            if len(calls.get(name, [])) != 1:
                raise CortexlensError(
                    f"backbone {backbone!r}: module {name!r} runs {len(calls.get(name, []))} times "
                    "in a forward pass; a layer must run exactly once. Name another module."
                )
        self.layer_names = list(calls)
        outputs = {name: seen[0] for name, seen in calls.items()}
        of_input = (probe.shape[1], probe.shape[-1])
        known = {name: known_tokens(network, name, *of_input, prefix_tokens) for name in calls}
        if map_side is not None:
            sides = frozenset({map_side})
            known = {name: each._replace(sides=sides) for name, each in known.items()}
        if prefix_tokens and class_token:
            known = {name: each._replace(class_token=True) for name, each in known.items()}
        self.layouts = _layouts(outputs, len(probe), known, backbone)
        self.with_class = all(
            _first_is_class(layout, known[name])
            for name, layout in zip(self.layer_names, self.layouts, strict=True)
        )

    def _probe(self, names: Sequence[str], probe: tuple[Any, ...]) -> dict[str, list[torch.Tensor]]:
        calls: dict[str, list[torch.Tensor]] = {}

        def hook(name: str, output: Any) -> None:
            calls.setdefault(name, []).append(self._tensor(output, name))

        try:
            self._run(names, probe, hook)
        except CortexlensError:
            raise
        except Exception:
            # an error after all layers have run, such as a head for another size, does not matter
            if set(calls) != set(names):
                raise
        return calls

    def _run(self, names: Sequence[str], inputs: tuple[Any, ...], hook: Any) -> Any:
        modules = dict(self.network.named_modules())
        handles = [
            modules[name].register_forward_hook(
                lambda _module, _inputs, output, name=name: hook(name, output)
            )
            for name in names
        ]
        try:
            return self.network(*inputs)
        finally:
            for handle in handles:
                handle.remove()

    def __call__(self, *inputs: Any) -> list[RawLayer]:
        """Run the network up to its last requested layer.

        Parameters
        ----------
        *inputs
            Arguments of the network, the batch first.

        Returns
        -------
        list of RawLayer
            In the order of ``layer_names``.
        """
        return self._read(inputs, to_end=False)[0]

    def with_output(self, *inputs: Any) -> tuple[list[RawLayer], Any]:
        """Run the whole network; return its layers and its output.

        Parameters
        ----------
        *inputs
            Arguments of the network, the batch first.
        """
        return self._read(inputs, to_end=True)

    def _read(self, inputs: tuple[Any, ...], *, to_end: bool) -> tuple[list[RawLayer], Any]:
        seen: dict[str, torch.Tensor] = {}
        output_of_network = None

        def hook(name: str, output: Any) -> None:
            # A copy: the next module may modify this output in place, and a module may reuse the
            # same memory in every call.
            seen[name] = self._tensor(output, name).clone()
            if len(seen) == len(self.layer_names) and not to_end:
                raise _AllSeenError

        with suppress(_AllSeenError):
            output_of_network = self._run(self.layer_names, inputs, hook)
        layers = [
            as_layer(seen[name], layout, self.with_class)
            for name, layout in zip(self.layer_names, self.layouts, strict=True)
        ]
        return layers, output_of_network

    def _tensor(self, output: Any, name: str) -> torch.Tensor:
        """Extract the tensor from an output, which may be a tuple as in transformers' blocks."""
        if isinstance(output, (tuple, list)) and len(output) > self.place:
            output = output[self.place]
        if not isinstance(output, torch.Tensor):
            raise CortexlensError(
                f"backbone {self.backbone!r}: module {name!r} returns a {type(output).__name__}; "
                "needed is a tensor, or a tuple that begins with one. Name another module."
            )
        return output


def _layouts(
    outputs: dict[str, torch.Tensor], n_images: int, known: dict[str, Known], backbone: str
) -> list[str]:
    """Determine the layout of each output: ``nchw``, ``nhwc`` or ``tokens+N``.

    ``tokens+N`` has N tokens before the local ones. If height, width and channels are equal, the
    other layers decide, or failing that PyTorch's convention (channels first).
    """
    found: list[str | None] = []
    for name, output in outputs.items():
        shape = tuple(output.shape)
        layout = _layout(shape, known[name]) if len(shape) > 1 and shape[0] == n_images else ""
        if layout == "":
            raise CortexlensError(
                f"backbone {backbone!r}: module {name!r} returns shape {shape} for {n_images} "
                "images; needed is (image, channel, height, width), (image, height, width, "
                "channel) with height = width, or (image, token, channel) with a square number of "
                f"tokens after class, register and prompt tokens. {_hint(shape, known[name])}"
            )
        found.append(layout)
    maps = {layout for layout in found if layout in ("nchw", "nhwc")}
    usual = "nhwc" if maps == {"nhwc"} else "nchw"
    return [layout or usual for layout in found]


def _layout(shape: tuple[int, ...], known: Known) -> str | None:
    """Layout of one output; None if two are possible, empty if none is."""
    if len(shape) == 4:
        _, first, second, third = shape
        if first == second == third:
            return None
        if second == third:
            return "" if _is_attention(second, known) else "nchw"
        return "nhwc" if first == second else ""
    prefix = prefix_of(shape[1], known) if len(shape) == 3 else None
    if prefix is None:
        return ""
    # If only the number of patches is known, the number of channels may equal it by chance.
    unstated = known.prefix is None and known.registers is None
    return "" if unstated and prefix_of(shape[2], known) is not None else f"tokens+{prefix}"


def _is_attention(side: int, known: Known) -> bool:
    """Whether a square map has as many rows as there are tokens, so is an attention matrix."""
    prefix = known.prefix or 0
    return prefix > 0 and any(side == whole**2 + prefix for whole in known.sides)


def _first_is_class(layout: str, known: Known) -> bool:
    """Whether the first of the tokens before a map is a class token, if there are any."""
    prefix = int(layout.removeprefix("tokens+")) if layout.startswith("tokens+") else 0
    if not prefix or known.class_token is not None:
        return not prefix or bool(known.class_token)
    if known.from_row:
        return False
    # one token more than patches and registers account for
    return prefix == (known.registers or 0) + 1


def _hint(shape: tuple[int, ...], known: Known) -> str:
    """Suggest what to do about an output that is not a map."""
    if len(shape) != 3:
        return "Name another module."
    grids = " or ".join(f"{side} × {side}" for side in sorted(known.sides))
    patches = f"the network divides the image into {grids} patches" if grids else ""
    if prefix_of(shape[2], known) is not None:
        more = f" ({patches})" if patches else ""
        return f"The axes may be (image, channel, token){more}: name another module."
    before = (
        "the network does not state how many are"
        if known.prefix is None
        else (f"{'the row' if known.from_row else 'the network'} states that {known.prefix} are")
    )
    return (
        f"{shape[1]} tokens: {before} before those of the map"
        f"{'; ' + patches if patches else ''}. Fill in the column prefix_tokens with the number of "
        "class, register and prompt tokens (0: none), or name another module."
    )


def as_layer(output: torch.Tensor, layout: str, with_class: bool) -> RawLayer:
    """Interpret a module's output according to its layout, see :class:`HookReader`.

    Parameters
    ----------
    output
        Output of the module.
    layout
        Its layout.
    with_class
        Whether the first prefix token is a class token.
    """
    if layout == "nchw":
        return RawLayer(output, None)
    if layout == "nhwc":
        return RawLayer(output.permute(0, 3, 1, 2), None)
    prefix = int(layout.removeprefix("tokens+"))
    side = math.isqrt(output.shape[1] - prefix)
    local = output[:, prefix:].transpose(1, 2).reshape(len(output), -1, side, side)
    return RawLayer(local, output[:, 0] if prefix and with_class else None)


def as_output(layer: RawLayer, like: torch.Tensor, layout: str) -> torch.Tensor:
    """Write tokens back into the output of a module; other tokens stay as they are.

    Parameters
    ----------
    layer
        Map and class token, of the sizes that the module returned.
    like
        Output of the module.
    layout
        Its layout.
    """
    if layout == "nchw":
        return layer.local
    if layout == "nhwc":
        return layer.local.permute(0, 2, 3, 1)
    prefix = int(layout.removeprefix("tokens+"))
    output = like.clone()
    output[:, prefix:] = layer.local.flatten(2).transpose(1, 2)
    if layer.class_token is not None:
        output[:, 0] = layer.class_token
    return output
