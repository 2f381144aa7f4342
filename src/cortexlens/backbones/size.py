"""Sizes of a network: parameters, channels, input, and the cost of a forward pass."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """Properties of a network that are known once it is built.

    Attributes
    ----------
    n_parameters
        Number of parameters.
    channels
        Number of channels of each layer that is read.
    input_size
        Side of its input in pixels.
    """

    n_parameters: int
    channels: tuple[int, ...]
    input_size: int


@dataclass(frozen=True)
class NetworkSize(Network):
    """Properties of a network, including the cost of one image.

    Attributes
    ----------
    products
        Floating-point operations of a forward pass of one image.
    map_values
        Number of values in the maps of all layers that are read, for one image.
    largest
        Size in bytes of the largest tensor in a forward pass of one image.
    """

    products: float
    map_values: float
    largest: float
