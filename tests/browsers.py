"""A real Chromium for tests, driven without a window."""

import shutil
from contextlib import contextmanager
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Everything is computed by the processor: no graphics card is needed, and pictures are the same.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader")

READY = "body[data-state=ready][aria-busy=false][data-address=written]"
# The vertex that is asked about where none is named.
ROW = 60


@contextmanager
def chromium():
    """Start the first browser that is installed; skip, saying so, where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser found: none of {', '.join(NAMES)} is installed")
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


def settled(page):
    """Wait until the page shows its state and has written it into the address."""
    page.wait_for_timeout(60)
    page.wait_for_selector(READY)


def fragment(page):
    """What the address says."""
    return {name: value[0] for name, value in parse_qs(urlsplit(page.url).fragment).items()}


def at(row=ROW, **more):
    """Fragment of one panel with the cursor on a row."""
    return "#" + urlencode({"vertex": f"{row}@sim01", "panels": 1, **more}, quote_via=quote)


def values(page, heading):
    """Numbers of a section of the card, in their order."""
    section = page.locator("#card section", has=page.locator(f"h3:text-is('{heading}')"))
    return [
        float(each)
        for each in section.locator("data").evaluate_all("all => all.map(each => each.value)")
    ]
