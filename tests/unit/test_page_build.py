"""The page that comes with the package is that of its sources, in the colours of the figures."""

import hashlib
import json
import re
import runpy
from importlib.resources import files
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "page"
BUILT = files("cortexlens.atlas") / "page"


def test_the_build_is_that_of_the_sources():
    names = [path.name for path in (PAGE / "src").iterdir()]
    digest = hashlib.sha256()
    for name in ("package-lock.json", "build.mjs", *(f"src/{each}" for each in sorted(names))):
        digest.update(name.encode() + b"\0" + (PAGE / name).read_bytes() + b"\0")
    banner = (BUILT / "app.js").read_text(encoding="utf-8").splitlines()[0]
    assert f"sources {digest.hexdigest()};" in banner, "build the page: npm ci && npm run build"


def test_colours_are_those_of_the_figures():
    written = json.loads((PAGE / "src" / "palettes.json").read_text())
    assert written == runpy.run_path(str(PAGE / "palettes.py"))["palettes"]()


def test_what_the_page_holds_has_its_licence():
    version = json.loads((PAGE / "package.json").read_text())["dependencies"]["three"]
    text = (BUILT / "LICENCES.txt").read_text(encoding="utf-8")
    assert f"three.js {version}" in text
    assert "MIT License" in text
    assert "three.js authors" in text


@pytest.mark.parametrize("name", sorted(path.name for path in (PAGE / "src").glob("*.ts")))
def test_data_never_become_markup(name):
    source = (PAGE / "src" / name).read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", source)


def test_nothing_is_read_from_elsewhere():
    for name in ("index.html", "app.css"):
        assert not re.search(r"https?://|url\(", (BUILT / name).read_text(encoding="utf-8"))
    sources = (PAGE / "src").glob("*.ts")
    assert not any(re.search(r"\bfetch\((?!\))", path.read_text()) for path in sources)
