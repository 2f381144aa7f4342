"""How soon a page shows its first picture, and how many frames a second it draws while turning.

    python benchmarks/page.py results/demo/atlas/index.html

Both in a Chromium without a window, at 1280 × 800, page and WebGL computed by the processor: what
a computer without a graphics card shows. ``--graphics-card`` uses the one there is.
"""

import argparse
import shutil
import statistics
import sys
from pathlib import Path

SOFTWARE = ("--disable-gpu", "--enable-unsafe-swiftshader")
# Drags the cortex for some seconds, a step a frame, and counts the frames.
TURNED = """async (seconds) => {
  const frame = document.getElementById("frame-A");
  const box = frame.getBoundingClientRect();
  frame.setPointerCapture = frame.releasePointerCapture = () => undefined;
  const send = (type, x, y, buttons) => frame.dispatchEvent(new PointerEvent(type, {
    clientX: x, clientY: y, button: 0, buttons, pointerId: 1, pointerType: "mouse", bubbles: true,
  }));
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  send("pointerdown", x, y, 1);
  const start = performance.now();
  let [frames, now] = [0, start];
  while (now - start < 1000 * seconds) {
    now = await new Promise(requestAnimationFrame);
    frames++;
    send("pointermove", x + 4 * frames, y + 10 * Math.sin(frames / 10), 1);
  }
  send("pointerup", x + 4 * frames, y, 0);
  return 1000 * frames / (now - start);
}"""
FIRST = "performance.getEntriesByName('first-picture')[0].startTime"
VIEWS = {"one panel": "panels=1", "two panels": "panels=2", "four panels": "panels=4"}


def measure(page_file: Path, repeats: int, seconds: float, arguments: list[str]) -> None:
    """Print the median of the first picture, and the frames a second of each view."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        sys.exit("no browser found: install chromium or google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", *arguments])
        first = []
        for _ in range(repeats):
            # A context of its own: nothing is kept from the time before.
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(page_file.resolve().as_uri())
            page.wait_for_selector("body[data-state=ready]")
            first.append(page.evaluate(FIRST) / 1000)
            page.close()
        ends = f"{min(first):.2f} to {max(first):.2f}"
        print(f"first picture: {statistics.median(first):.2f} s ({ends})")
        for name, fragment in VIEWS.items():
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{page_file.resolve().as_uri()}#{fragment}")
            page.wait_for_selector("body[data-state=ready]")
            # The first turn finds out how many dots the machine has time for.
            page.evaluate(TURNED, 1)
            print(f"{name}: {page.evaluate(TURNED, seconds):.0f} frames/s")
            page.close()
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, help="index.html, or the single file")
    parser.add_argument("--repeats", type=int, default=5, help="of the first picture")
    parser.add_argument("--seconds", type=float, default=4, help="of turning")
    parser.add_argument("--graphics-card", action="store_true")
    given = parser.parse_args()
    measure(given.page, given.repeats, given.seconds, [] if given.graphics_card else [*SOFTWARE])
