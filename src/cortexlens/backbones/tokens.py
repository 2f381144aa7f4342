"""Which of a network's tokens are places of the picture, and which stand before them.

A square number of tokens is no sign of a map: class, register and prompt tokens can complete one.
What a network says of itself and the patches that it cuts the picture into tell them apart.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from torch import nn

# Names under which networks keep their class token: timm, transformers, DINOv2, torchvision, CLIP.
CLASS_TOKENS = ("cls_token", "class_token", "class_embedding")
# Names under which they count register tokens, themselves or in their config.
REGISTERS = ("num_register_tokens", "num_reg_tokens", "n_register_tokens")


class Known(NamedTuple):
    """What is known of the tokens of a module.

    Parameters
    ----------
    prefix
        Tokens before those of the map; None if not known.
    registers
        Those among them that are no class token, where they alone are known.
    class_token
        Whether the first is a class token; None if not known.
    sides
        Sides of the grids of patches that the network cuts its input into; empty if not known.
    from_row
        Whether the row says how many tokens stand before the map.
    """

    prefix: int | None
    registers: int | None
    class_token: bool | None
    sides: frozenset[int]
    from_row: bool = False


def has_class_token(network: nn.Module) -> bool:
    """Tell whether the first of a timm network's prefix tokens is a class token.

    Networks with registers alone have prefix tokens too, and no class token.
    """
    found = getattr(network, "has_class_token", None)
    return bool(getattr(network, "cls_token", None) is not None if found is None else found)


def known_tokens(
    network: nn.Module, module: str, n_channels: int, side: int, prefix_tokens: int | None = None
) -> Known:
    """Find what a network says of the tokens of one of its modules.

    Parameters
    ----------
    network
        The network, which may hold that of a library.
    module
        Name of the module; what is nearest above it counts.
    n_channels, side
        Of the network's input.
    prefix_tokens
        Of the row; None: as the network says.
    """
    sides = frozenset(_patch_sides(network, n_channels, side))
    said = next(filter(None, map(_said, _owners(network, module))), None)
    prefix, registers, class_token = said or (None, None, None)
    if prefix_tokens is not None:
        return Known(prefix_tokens, None, class_token, sides, from_row=True)
    return Known(prefix, registers, class_token, sides)


def prefix_of(n_tokens: int, known: Known) -> int | None:
    """Number of tokens before those of the map; None if they and a square map are not known.

    Parameters
    ----------
    n_tokens
        All that the module gives.
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
    # Blocks may be without the tokens that the network adds later, if their number says so.
    if known.sides and not known.from_row and 0 not in choices:
        choices.append(0)
    for prefix in choices:
        side = math.isqrt(max(0, n_tokens - prefix))
        if side and side * side == n_tokens - prefix and _fits(side, known):
            return prefix
    return None


def _fits(side: int, known: Known) -> bool:
    """Whether a map may be one of the network's patches; of fewer if the row says what it is."""
    if known.from_row:
        return not known.sides or any(whole % side == 0 for whole in known.sides)
    return not known.sides or side in known.sides


def _owners(network: nn.Module, module: str) -> Iterator[nn.Module]:
    """Modules above one, the nearest first, and the network itself."""
    parts = module.split(".")
    for n_parts in range(len(parts) - 1, -1, -1):
        yield network.get_submodule(".".join(parts[:n_parts]))


def _said(owner: nn.Module) -> tuple[int | None, int | None, bool | None] | None:
    """Prefix, registers and class token as a module has them; None if it says nothing."""
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
    """Whether a module or one of its parts, such as transformers' embeddings, has a class token."""
    return any(
        isinstance(getattr(each, name, None), nn.Parameter)
        for each in (owner, *owner.children())
        for name in CLASS_TOKENS
    )


def _patch_sides(network: nn.Module, n_channels: int, side: int) -> Iterator[int]:
    """Sides of the grids into which a network cuts its input."""
    for part in network.modules():
        if not isinstance(part, nn.Conv2d) or part.in_channels != n_channels:
            continue
        (high, wide), (down, right) = part.kernel_size, part.stride
        if high == wide == down == right > 1 and side >= high:
            yield side // high
