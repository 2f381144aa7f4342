"""Tools of the docs as modules: they are scripts beside the pages, not parts of the package."""

import sys

from studies import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "docs" / "tools"))
import pictures

import reference

__all__ = ["pictures", "reference"]
