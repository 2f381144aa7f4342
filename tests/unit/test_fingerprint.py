"""A stage's fingerprint follows the code that it runs, and nothing else."""

import ast

import pytest

from cortexlens.storage import code_hash as module
from cortexlens.storage.code_hash import fingerprint, fingerprint_of_jobs, modules_behind

FILES = {
    "__init__.py": "",
    "stages/__init__.py": "",
    "stages/bake.py": "def bake():\n    from cortexlens.oven import heat\n    heat()\n",
    "stages/wash.py": "import cortexlens.sink\n",
    "oven.py": "from cortexlens import fire\n\ndef heat():\n    return fire.burn(200)\n",
    "fire.py": "def burn(degrees):\n    return degrees\n",
    "sink.py": "water = 1\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Stand a made-up package where cortexlens is."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    forget()
    yield tmp_path
    forget()


def forget():
    """Read every file anew, as a new process does."""
    module._kept.cache_clear()
    module._read.cache_clear()
    module.fingerprint.cache_clear()


def after(package, name, text):
    """Fingerprints of both stages once a file holds another text."""
    (package / name).write_text(text)
    forget()
    return fingerprint("bake"), fingerprint("wash")


def test_imports_are_followed_also_into_functions(package):
    behind = ["cortexlens", "cortexlens.fire", "cortexlens.oven", "cortexlens.stages.bake"]
    assert modules_behind("bake") == behind


def test_changed_code_changes_the_stages_that_run_it(package):
    bake, wash = fingerprint("bake"), fingerprint("wash")
    hotter = after(package, "fire.py", "def burn(degrees):\n    return degrees + 1\n")
    assert hotter[0] != bake
    assert hotter[1] == wash


def test_comments_and_layout_do_not_count(package):
    bake = fingerprint("bake")
    text = "# Celsius\ndef burn(\n    degrees,\n):\n    return degrees  # as it is\n"
    assert after(package, "fire.py", text)[0] == bake


def test_jobs_have_the_fingerprint_of_their_stage_and_read_nothing_before(package):
    of_job = fingerprint_of_jobs("bake")
    assert module._read.cache_info().currsize == 0
    assert of_job({"subject": "a"}) == of_job({}) == fingerprint("bake")


def test_a_file_is_parsed_once_as_long_as_it_stays(package, monkeypatch):
    before = fingerprint("bake")
    forget()
    parsed = []
    whole = module._parsed
    monkeypatch.setattr(module, "_parsed", lambda path: parsed.append(path.name) or whole(path))
    assert fingerprint("bake") == before
    assert not parsed
    assert after(package, "fire.py", "def burn(degrees):\n    return 2 * degrees\n")[0] != before
    assert parsed == ["fire.py", "wash.py", "sink.py"]


@pytest.mark.parametrize("text", ["", "[]", '{"cortexlens.fire": 1}', '{"cortexlens.fire": [1]}'])
def test_what_an_earlier_process_left_may_be_damaged(package, text):
    before = fingerprint("bake")
    (package / module._KEPT).write_text(text)
    forget()
    assert fingerprint("bake") == before


def test_an_installation_that_only_can_be_read_is_parsed_each_time(package, monkeypatch):
    monkeypatch.setattr(module, "_KEPT", "fire.py/kept.json")  # no folder
    assert fingerprint("bake") == fingerprint("bake")


def test_new_imports_count(package):
    wash = fingerprint("wash")
    assert after(package, "stages/wash.py", "import cortexlens.fire\n")[1] != wash


def test_fits_and_features_depend_on_their_own_code_only():
    fit, features = modules_behind("fit_encoder"), modules_behind("extract_features")
    assert "cortexlens.encoding.fit" in fit
    assert "cortexlens.encoding.fit" not in features
    assert "cortexlens.backbones.network" in features
    assert "cortexlens.backbones.network" not in fit


def test_no_module_imports_relatively():
    # fingerprint follows absolute imports alone
    for path in module.ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
