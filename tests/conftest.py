"""Every function's annotations, shapes included, are checked in every test."""

import os
import random

import numpy as np
import pytest
import torch
from hypothesis import settings
from jaxtyping import install_import_hook

from programs import end_server

# before any test imports the package
install_import_hook("cortexlens", "typechecker.check")

# How long an example takes depends on what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def seeded():
    """Draw alike in every test, whichever tests ran before it in the same process."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002, libraries draw from it
    torch.manual_seed(0)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """One process more than cores: whole studies wait for a Slurm, a browser, a snakemake."""
    return (os.cpu_count() or 1) + 1


def pytest_sessionfinish():
    """End what runs programs for tests."""
    end_server()


def pytest_collection_modifyitems(items):
    """Begin with files of long tests: short ones fill the end, when one process is done."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)
