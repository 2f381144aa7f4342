"""The docs site: built without a warning, leads nowhere that is not there, and stays offline."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

import pytest

from studies import REPOSITORY

pytest.importorskip("mkdocs", reason="the docs' tools are not installed: pip install -e '.[docs]'")

# what a browser loads by itself, by tag: the attribute with its address
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
LOADED |= {"embed": "src", "object": "data", "audio": "src"}


class Page(HTMLParser):
    """Places, links and loaded files of a page."""

    def __init__(self, text):
        super().__init__()
        self.places, self.links, self.loaded = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") not in ("canonical", "prev", "next", "alternate"):
            self.loaded.append(given["href"])
        if given.get(LOADED.get(tag)):
            self.loaded.append(given[LOADED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path.read_text()) for path in sorted(site.rglob("*.html"))}


def inside(address):
    return not re.match(r"[a-z]+:|//", address)


def test_every_page_of_the_repository_is_there(pages, site):
    made = {path.relative_to(site).as_posix() for path in pages}
    written = {path.stem + ".html" for path in (REPOSITORY / "docs").glob("*.md")}
    assert written <= made
    assert {"configuration.html", "changes.html", "api/index.html", "api/encoding.html"} <= made
    assert len([name for name in made if name.startswith("decisions/0")]) >= 20


def test_links_lead_to_pages_and_places_that_are_there(pages, site):
    checked = 0
    for path, page in pages.items():
        if path.name == "404.html":  # its links are those of a server's root
            continue
        for link in filter(inside, page.links):
            file, place = urldefrag(unquote(link))
            target = (path.parent / file).resolve() if file else path
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{path.relative_to(site)}: {link}"
            if place and target in pages:
                assert place in pages[target].places, f"{path.relative_to(site)}: {link}"
            checked += 1
    assert checked > 1000


def test_nothing_is_loaded_from_elsewhere(pages, site):
    loaded = [(path, address) for path, page in pages.items() for address in page.loaded]
    assert loaded
    assert [each for each in loaded if not inside(each[1])] == []
    for path in site.rglob("*.css"):
        addresses = re.findall(r"url\(['\"]?([^)'\"]+)|@import ['\"]([^'\"]+)", path.read_text())
        names = [first or second for first, second in addresses]
        assert [name for name in names if re.match(r"https?:|//", name)] == []


def test_pages_hold_what_their_sources_say(site):
    text = (site / "configuration.html").read_text()
    assert "<code>encoder.aligned_rms</code>" in text
    api = "".join(path.read_text() for path in (site / "api").glob("*.html"))
    assert "cortexlens.analysis.hierarchy.slope" in api
    assert re.findall(r":(?:func|class|meth|mod|data):", api) == []
    method = (site / "method.html").read_text()
    assert 'href="decisions/0008-learning-rates-and-their-fall.html"' in method
    assert "0023 The docs site" in (site / "decisions" / "index.html").read_text()
