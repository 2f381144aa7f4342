"""The code behind a network is its module and all that this imports outside site-packages."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cortexlens.backbones.user_code import code_files, code_hash
from cortexlens.config.inputs import backbone_files

# Ways in which nets.py may take the helper over; {} is its name.
WAYS = {
    "whole": "import {}",
    "name": "from {} import act",
    "renamed": "import {} as other",
    "late": "def net():\n    from {} import act\n    return act()",
    "guarded": "try:\n    import {}\nexcept ImportError:\n    pass",
    "by text": "from importlib import import_module\nother = import_module('{}')",
    "built in": "other = __import__('{}')",
}
RELATIVE = {
    "name": "from .{} import act",
    "module": "from . import {}",
    "all": "from .{} import *",
    "by text": "import importlib\nother = importlib.import_module('.{}', __package__)",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("helper", ["parts", "parts.deep.acts"])
def test_a_helper_of_a_module_counts(here, way, helper):
    file = here / f"{helper.replace('.', '/')}.py"
    write(here, {"nets.py": f"import torch, os\n{WAYS[way].format(helper)}\n"})
    write(here, {str(file): "from torch import nn\nact = nn.ReLU\n", "other.py": ""})
    before = code_hash(["nets"])
    assert {"nets", helper} == set(code_files(["nets"]))
    file.write_text("from torch import nn\nact = nn.Tanh\n")
    assert code_hash(["nets"]) != before
    file.write_text("from torch import nn\nact = nn.ReLU\n")
    (here / "other.py").write_text("x = 1")
    assert code_hash(["nets"]) == before


@pytest.mark.parametrize("way", RELATIVE)
def test_parts_of_a_package_count(here, way):
    write(here, {"pack/__init__.py": "from .nets import net\n", "pack/acts.py": "act = 1\n"})
    write(here, {"pack/nets.py": RELATIVE[way].format("acts"), "pack/unused.py": ""})
    assert set(code_files(["pack"])) == {"pack", "pack.nets", "pack.acts"}
    # The package's own file runs before any of its modules.
    assert set(code_files(["pack.nets"])) == {"pack", "pack.nets", "pack.acts"}


def test_packages_and_the_standard_library_do_not_count(here):
    text = "import json, torch, numpy.linalg, cortexlens.errors, nowhere_to_be_found, parts\n"
    write(here, {"nets.py": text, "parts.py": "import nets\n"})
    assert list(code_files(["nets"])) == ["nets", "parts"]
    assert code_files(["json", "torch", "sys"]) == {}


def test_code_on_the_path_and_in_the_working_directory_is_found(
    here, tmp_path_factory, monkeypatch
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr(sys, "path", [*sys.path, str(elsewhere)])
    write(elsewhere, {"shared_parts.py": ""})
    write(here, {"nets.py": "import shared_parts\n"})
    row = {"source": "python", "name": "nets:net"}
    assert backbone_files(row) == [Path("nets.py"), elsewhere / "shared_parts.py"]


def test_a_helper_that_cannot_be_parsed_still_counts(here):
    write(here, {"nets.py": "import parts\n", "parts.py": "def broken(:\n"})
    assert set(code_files(["nets"])) == {"nets", "parts"}


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(edges=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5))), changed=st.integers(0, 5))
def test_the_hash_follows_what_is_reached_by_imports(here, edges, changed):
    texts = {
        f"made{i}.py": "".join(f"import made{j}\n" for k, j in sorted(edges) if k == i)
        for i in range(6)
    }
    write(here, texts)
    reached = {0}
    for _ in range(6):
        reached |= {j for i, j in edges if i in reached}
    assert set(code_files(["made0"])) == {f"made{i}" for i in reached}
    before = code_hash(["made0"])
    write(here, {f"made{changed}.py": texts[f"made{changed}.py"] + "x = 2\n"})
    assert (code_hash(["made0"]) != before) == (changed in reached)
