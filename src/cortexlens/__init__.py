"""cortexlens paints deep vision networks onto the human brain.

:func:`cortexlens.map_network` maps a network of one's own; all else is in the subpackages.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what scripts use when it is used: every stage imports this package, and none this.

    By name, so that what a stage depends on does not grow by what scripts do.
    """
    if name == "map_network":
        return import_module("cortexlens.api").map_network
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
