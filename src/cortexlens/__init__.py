"""cortexlens paints deep vision networks onto the human brain.

:func:`cortexlens.map_network` maps a network of one's own, :func:`cortexlens.open_fit` and
:func:`cortexlens.open_study` open what was mapped; all else is in the subpackages.
"""

import sys
import warnings
from importlib import import_module
from typing import Any

from cortexlens.former_names import FormerNames

__version__ = "0.1.0"

# What scripts and notebooks use → the module that has it.
_SCRIPTS = {
    "map_network": "api.map_network",
    "open_fit": "api.results",
    "open_study": "api.results",
}
sys.meta_path.append(FormerNames())


def __getattr__(name: str) -> Any:
    """Import what scripts use when it is used: every stage imports this package, and none this.

    By name, so that what a stage depends on does not grow by what scripts do.
    """
    if name == "load_study":
        warnings.warn(
            "cortexlens.load_study is now cortexlens.open_study; use that.",
            DeprecationWarning,
            stacklevel=2,
        )
        name = "open_study"
    if name in _SCRIPTS:
        return getattr(import_module(f"cortexlens.{_SCRIPTS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Names for a notebook to complete."""
    return sorted([*globals(), *_SCRIPTS])
