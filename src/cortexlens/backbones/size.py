"""Sizes of a network: its parameters, channels and input, and what a forward pass takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """What a network is.

    Attributes
    ----------
    n_parameters
        Numbers in it.
    channels
        Of each layer that is read.
    input_size
        Side of its input, px.
    """

    n_parameters: int
    channels: tuple[int, ...]
    input_size: int


@dataclass(frozen=True)
class NetworkSize(Network):
    """What a network is and what a picture takes in it.

    Attributes
    ----------
    products
        Floating-point operations of a forward pass for one picture.
    map_values
        Numbers in the maps of all layers that are read, for one picture.
    largest
        Bytes of the largest tensor within a forward pass for one picture.
    """

    products: float
    map_values: float
    largest: float
