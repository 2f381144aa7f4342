"""A made-up study's page in a real browser, whatever it complains of looked at in the end."""

import pytest

from browsers import READY, chromium
from page_study import HOSTILE, write_page


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    write_page(folder, HOSTILE)
    return folder


@pytest.fixture(scope="session")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def opened(browser, folder):
    """Open the page at a fragment; complaints and requests are looked at in the end."""
    context = browser.new_context(viewport={"width": 1100, "height": 700}, accept_downloads=True)
    complaints, requests = [], []

    def heard(said):
        # Without a graphics card the browser copies the canvas, and complains of its own copying.
        if "GPU stall due to ReadPixels" not in said.text:
            complaints.append(f"{said.type}: {said.text}")

    def watch(page):
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))

    def open_at(fragment="", file="atlas/index.html", **changes):
        page = context.new_page()
        watch(page)
        if changes:
            page.set_viewport_size(changes)
        page.goto((folder / file).as_uri() + fragment)
        page.wait_for_selector(READY)
        return page

    yield open_at
    context.close()
    assert complaints == []
    beside = (folder / "atlas").as_uri(), (folder / "atlas.html").as_uri(), "blob:", "data:"
    assert [url for url in requests if not url.startswith(beside)] == []
