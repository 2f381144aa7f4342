"""Tokens of any network, read by hooks on its modules."""

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

# Characters of names of modules in a message.
LONGEST_LIST = 300


class RawLayer(NamedTuple):
    """What one layer gives for a batch."""

    local: Float[torch.Tensor, "batch channel height width"]
    class_token: Float[torch.Tensor, "batch channel"] | None


class _AllSeenError(Exception):
    """Ends a forward pass when every wanted layer has been seen; never leaves this module."""


def matching_modules(network: nn.Module, patterns: str, backbone: str) -> list[str]:
    """Names of the modules that a comma list of patterns selects.

    Parameters
    ----------
    network
        The network.
    patterns
        Names as of ``named_modules``; ``*``, ``?`` and ``[…]`` stand for anything but a dot.
    backbone
        Identifier of the row, for the message.

    Returns
    -------
    list of str
        Without repetition, in the network's own order.

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
                f"backbone {backbone!r}: column layers holds {pattern!r}, which is no module of "
                f"the network; its modules are {module_names(network)}. Correct this row of "
                "backbones.tsv."
            )
        wanted |= found
    return [name for name in names if name in wanted]


def module_names(network: nn.Module) -> str:
    """List the modules of a network and those right within them, for a message."""
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
    """Match part by part, so that ``layer1.*`` is the blocks and not all within them."""
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
        Modules to read; they are put into the order of execution.
    probe
        A small batch to learn order and layouts from, at least two images.
    backbone
        Identifier of the row, for messages.
    *more
        What else the network is called with.
    prefix_tokens
        Tokens before those of the map; None: as the network says, see
        :mod:`cortexlens.backbones.tokens`.
    class_token
        Whether the first of ``prefix_tokens`` is a class token where the network does not say.
    map_side
        Side of the maps, where it is known from elsewhere than the network.

    Raises
    ------
    CortexlensError
        If a module does not run, runs more than once, or gives no map.
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
        # Networks may say which of a block's outputs is the picture's, others the prompt's.
        self.place = int(getattr(network, "picture_output", 0))
        calls = self._probe(names, (probe, *more))
        for name in names:
            if len(calls.get(name, [])) != 1:
                raise CortexlensError(
                    f"backbone {backbone!r}: module {name!r} runs {len(calls.get(name, []))} times "
                    "in a forward pass; a layer has to run once. Name another module."
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
            # A head that takes another size than ours is of no concern once the layers are seen.
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
        """Run the network as far as its last wanted layer.

        Parameters
        ----------
        *inputs
            What the network is called with, the batch first.

        Returns
        -------
        list of RawLayer
            In the order of ``layer_names``.
        """
        return self._read(inputs, to_end=False)[0]

    def with_output(self, *inputs: Any) -> tuple[list[RawLayer], Any]:
        """Run the network to its end: its layers, and what it gives."""
        return self._read(inputs, to_end=True)

    def _read(self, inputs: tuple[Any, ...], *, to_end: bool) -> tuple[list[RawLayer], Any]:
        seen: dict[str, torch.Tensor] = {}
        given = None

        def hook(name: str, output: Any) -> None:
            # The next module may work in place on this one's output, for some batches alone or
            # where PyTorch does not see it, and a module may give the same memory at every call.
            seen[name] = self._tensor(output, name).clone()
            if len(seen) == len(self.layer_names) and not to_end:
                raise _AllSeenError

        with suppress(_AllSeenError):
            given = self._run(self.layer_names, inputs, hook)
        layers = [
            as_layer(seen[name], layout, self.with_class)
            for name, layout in zip(self.layer_names, self.layouts, strict=True)
        ]
        return layers, given

    def _tensor(self, output: Any, name: str) -> torch.Tensor:
        """Take the tensor of an output; of a tuple (as transformers' blocks give it) one."""
        if isinstance(output, (tuple, list)) and len(output) > self.place:
            output = output[self.place]
        if not isinstance(output, torch.Tensor):
            raise CortexlensError(
                f"backbone {self.backbone!r}: module {name!r} gives a {type(output).__name__}; a "
                "tensor, or a tuple that begins with one, is needed. Name another module."
            )
        return output


def _layouts(
    outputs: dict[str, torch.Tensor], n_images: int, known: dict[str, Known], backbone: str
) -> list[str]:
    """Name the meaning of each output's dimensions: ``nchw``, ``nhwc`` or ``tokens+N``.

    ``tokens+N`` has N tokens before the local ones. Where height, width and channels are equal the
    other layers decide, and if they cannot, PyTorch's convention: channels first.
    """
    found: list[str | None] = []
    for name, output in outputs.items():
        shape = tuple(output.shape)
        layout = _layout(shape, known[name]) if len(shape) > 1 and shape[0] == n_images else ""
        if layout == "":
            raise CortexlensError(
                f"backbone {backbone!r}: module {name!r} gives shape {shape} for {n_images} "
                "images; needed (image, channel, height, width), (image, height, width, channel) "
                "with height = width, or (image, token, channel) with a square number of tokens "
                f"after class, register and prompt tokens. {_hint(shape, known[name])}"
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
    # Where patches alone are known, their number may be that of the channels by chance.
    unsaid = known.prefix is None and known.registers is None
    return "" if unsaid and prefix_of(shape[2], known) is not None else f"tokens+{prefix}"


def _is_attention(side: int, known: Known) -> bool:
    """Whether a square is of as many rows as there are tokens: weights between these, no map."""
    prefix = known.prefix or 0
    return prefix > 0 and any(side == whole**2 + prefix for whole in known.sides)


def _first_is_class(layout: str, known: Known) -> bool:
    """Whether the first of the tokens before a map is a class token, if there are any."""
    prefix = int(layout.removeprefix("tokens+")) if layout.startswith("tokens+") else 0
    if not prefix or known.class_token is not None:
        return not prefix or bool(known.class_token)
    if known.from_row:
        return False
    # One token more than there are patches or registers.
    return prefix == (known.registers or 0) + 1


def _hint(shape: tuple[int, ...], known: Known) -> str:
    """Say what to do about an output that is no map."""
    if len(shape) != 3:
        return "Name another module."
    grids = " or ".join(f"{side} × {side}" for side in sorted(known.sides))
    patches = f"the network cuts the picture into {grids} patches" if grids else ""
    if prefix_of(shape[2], known) is not None:
        more = f" ({patches})" if patches else ""
        return f"The axes may be (image, channel, token){more}: name another module."
    before = (
        "the network does not say how many stand"
        if known.prefix is None
        else (f"{'the row' if known.from_row else 'the network'} says that {known.prefix} stand")
    )
    return (
        f"{shape[1]} tokens: {before} before those of the map"
        f"{'; ' + patches if patches else ''}. Fill in the column prefix_tokens with the number of "
        "class, register and prompt tokens (0: none), or name another module."
    )


def as_layer(output: torch.Tensor, layout: str, with_class: bool) -> RawLayer:
    """Read a module's output by its layout, see :class:`HookReader`."""
    if layout == "nchw":
        return RawLayer(output, None)
    if layout == "nhwc":
        return RawLayer(output.permute(0, 3, 1, 2), None)
    prefix = int(layout.removeprefix("tokens+"))
    side = math.isqrt(output.shape[1] - prefix)
    local = output[:, prefix:].transpose(1, 2).reshape(len(output), -1, side, side)
    return RawLayer(local, output[:, 0] if prefix and with_class else None)


def as_output(layer: RawLayer, like: torch.Tensor, layout: str) -> torch.Tensor:
    """Write tokens as the output of a module; what :func:`as_layer` does not read stays.

    Parameters
    ----------
    layer
        Map and class token, of the sizes that the module gave.
    like
        What the module gave.
    layout
        Of it.
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
