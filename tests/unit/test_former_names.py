"""Scripts that import modules from where they were still find them, with a warning."""

import importlib
import sys

import pytest

import cortexlens
from cortexlens.former_names import MOVED


@pytest.mark.parametrize("former", MOVED)
def test_a_former_name_gives_the_module_itself(former):
    with pytest.warns(DeprecationWarning, match=f"cortexlens.{former} is now cortexlens"):
        found = importlib.import_module(f"cortexlens.{former}")
    try:
        assert found is importlib.import_module(f"cortexlens.{MOVED[former]}")
        assert found.__name__ == f"cortexlens.{MOVED[former]}" == found.__spec__.name
    finally:
        del sys.modules[f"cortexlens.{former}"]


@pytest.mark.parametrize(
    ("package", "name", "module"),
    [
        ("cortexlens.config", "load_study", "cortexlens.config.study"),
        ("cortexlens.planning", "Planner", "cortexlens.planning.planner"),
        ("cortexlens.planning", "workloads", None),  # a module that the planner imports
        ("cortexlens.config", "nothing", None),
    ],
)
def test_packages_that_bear_a_former_name_have_what_the_module_had(package, name, module):
    if module is None:
        with pytest.raises(AttributeError, match=f"has no attribute {name!r}"):
            importlib.import_module(package).__getattr__(name)
        return
    with pytest.warns(DeprecationWarning, match=f"is now {module}.{name}"):
        found = getattr(importlib.import_module(package), name)
    assert found is getattr(importlib.import_module(module), name)


def test_a_module_that_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("cortexlens.nothing")


def test_the_former_function_opens_a_study():
    with pytest.warns(DeprecationWarning, match="cortexlens.open_study"):
        assert cortexlens.load_study is cortexlens.open_study
