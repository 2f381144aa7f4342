"""Which of a network's tokens are positions of the image, and how many others precede them.

A square number of tokens does not prove a map: class, register and prompt tokens may complete one.
What a network states about itself, and the patches that it divides the image into, settle it.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from torch import nn

# Attributes that hold the class token in timm, transformers, DINOv2, torchvision and CLIP.
CLASS_TOKENS = ("cls_token", "class_token", "class_embedding")
# Attributes of a network or its config that hold the number of register tokens.
REGISTERS = ("num_register_tokens", "num_reg_tokens", "n_register_tokens")


class Known(NamedTuple):
    """What is known about the tokens of a module.

    Parameters
    ----------
    prefix
        Number of tokens before those of the map; None if unknown.
    registers
        Number of register tokens, if only that is known.
    class_token
        Whether the first token is a class token; None if unknown.
    sides
        Sides of the grids of patches that the network divides its input into; empty if unknown.
    from_row
        Whether the number of prefix tokens was given in the table of backbones.
    """

    prefix: int | None
    registers: int | None
    class_token: bool | None
    sides: frozenset[int]
    from_row: bool = False


def has_class_token(network: nn.Module) -> bool:
    """Tell whether the first of a timm network's prefix tokens is a class token.

    Networks with registers only have prefix tokens too, but no class token.
    """
    found = getattr(network, "has_class_token", None)
    return bool(getattr(network, "cls_token", None) is not None if found is None else found)


def known_tokens(
    network: nn.Module, module: str, n_channels: int, side: int, prefix_tokens: int | None = None
) -> Known:
    """Find what a network states about the tokens of one of its modules.

    Parameters
    ----------
    network
        The network, which may wrap that of a library.
    module
        Name of the module. The statement of the closest enclosing module applies.
    n_channels, side
        Number of channels and side of the network's input.
    prefix_tokens
        Value in the table of backbones; None: as the network states.
    """
    sides = frozenset(_patch_sides(network, n_channels, side))
    stated = next(filter(None, map(_stated, _owners(network, module))), None)
    prefix, registers, class_token = stated or (None, None, None)
    if prefix_tokens is not None:
        return Known(prefix_tokens, None, class_token, sides, from_row=True)
    return Known(prefix, registers, class_token, sides)


def prefix_of(n_tokens: int, known: Known) -> int | None:
    """Number of tokens before those of the map; None if no number leaves a plausible square map.

    Parameters
    ----------
    n_tokens
        Number of tokens that the module returns.
    known
        From :func:`known_tokens`.
    """
    if known.prefix is not None:
        choices = [known.prefix]
    elif known.registers is not None:
        choices = [known.registers + 1, known.registers]
    elif known.sides:
        choices = [1, 0]
    else:
        choices = []
    # blocks may lack prefix tokens that the network adds later, if their number shows it
    if known.sides and not known.from_row and 0 not in choices:
        choices.append(0)
    for prefix in choices:
        side = math.isqrt(max(0, n_tokens - prefix))
        if side and side * side == n_tokens - prefix and _fits(side, known):
            return prefix
    return None


def _fits(side: int, known: Known) -> bool:
    """Whether a map may be the network's patches, or merged ones if the row gives the prefix."""
    if known.from_row:
        return not known.sides or any(whole % side == 0 for whole in known.sides)
    return not known.sides or side in known.sides


def _owners(network: nn.Module, module: str) -> Iterator[nn.Module]:
    """Yield the modules that enclose a module, innermost first, ending with the network itself."""
    parts = module.split(".")
    for n_parts in range(len(parts) - 1, -1, -1):
        yield network.get_submodule(".".join(parts[:n_parts]))


def _stated(owner: nn.Module) -> tuple[int | None, int | None, bool | None] | None:
    """Prefix, registers and class token as a module states them; None if it states nothing."""
    prefix = _count(owner, "num_prefix_tokens")
    if prefix is not None:
        return prefix, None, prefix > 0 and has_class_token(owner)
    counts = (_count(each, name) for each in (owner, _config(owner)) for name in REGISTERS)
    registers = next((count for count in counts if count is not None), None)
    explicit = getattr(owner, "has_class_token", None)
    present = _has_class_parameter(owner) if explicit is None else bool(explicit)
    if present or (explicit is not None and registers is not None):
        return int(present) + (registers or 0), None, present
    return None if registers is None else (None, registers, None)


def _config(owner: nn.Module) -> Any:
    return getattr(owner, "config", None)


def _count(owner: Any, name: str) -> int | None:
    found = getattr(owner, name, None)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _has_class_parameter(owner: nn.Module) -> bool:
    """Whether a module or a direct child, such as transformers' embeddings, has a class token."""
    return any(
        isinstance(getattr(each, name, None), nn.Parameter)
        for each in (owner, *owner.children())
        for name in CLASS_TOKENS
    )


def _patch_sides(network: nn.Module, n_channels: int, side: int) -> Iterator[int]:
    """Yield the sides of the grids of patches that a network may divide its input into."""
    for part in network.modules():
        if not isinstance(part, nn.Conv2d) or part.in_channels != n_channels:
            continue
        (high, wide), (down, right) = part.kernel_size, part.stride
        if high == wide == down == right > 1 and side >= high:
            yield side // high
