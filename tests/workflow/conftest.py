"""Whole runs of a study."""

import pytest

from programs import Workflow


@pytest.fixture
def workflow(tmp_path):
    """A folder to write a study into, and the call that runs it."""
    return Workflow(tmp_path)
