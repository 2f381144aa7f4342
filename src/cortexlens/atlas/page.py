"""Files of the page: a folder that opens by double click, and the same as a single file."""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from cortexlens.errors import CortexlensError

COPIED: Final = ("app.js", "app.css", "LICENCES.txt")
# References to style and script in index.html, which the single file replaces by their content.
_STYLE: Final = '<link rel="stylesheet" href="app.css">'
_SCRIPT: Final = '<script src="app.js" defer></script>'
_MARKS: Final = ("{{title}}", "{{policy}}", _STYLE, _SCRIPT)
# Only files next to the page, or content in it, may be loaded. Opened as a file, a page has no
# origin, so that 'self' alone would refuse its own script.
_POLICY: Final = (
    "default-src 'none'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
    "script-src {script}; style-src {style}"
)


def write_folder(folder: Path, study: str, contents: Mapping[str, str]) -> None:
    """Write the page as a folder: index.html, its files, and data/NAME.js.

    Parameters
    ----------
    folder
        Folder to create.
    study
        Name of the study, for the title.
    contents
        Name of a data file → its text, from :func:`~cortexlens.atlas.packing.armoured`.
    """
    (folder / "data").mkdir(parents=True)
    for name in COPIED:
        (folder / name).write_bytes(_read(name))
    policy = _POLICY.format(script="'self' file:", style="'self' file: 'unsafe-inline'")
    (folder / "index.html").write_text(_filled(study, policy), encoding="utf-8")
    for name, text in contents.items():
        script = f'cortexlens.receive("{name}", "{text}");\n'
        (folder / "data" / f"{name}.js").write_text(script, encoding="ascii")


def write_single(path: Path, study: str, contents: Mapping[str, str]) -> None:
    """Write the page with all of its data as one file.

    Parameters
    ----------
    path
        Path of the file.
    study, contents
        As for :func:`write_folder`.
    """
    # Within a script or style, only its own end tag is special.
    script = re.sub(r"</(?=script)", r"<\\/", _read("app.js").decode(), flags=re.IGNORECASE)
    style = re.sub(r"</(?=style)", r"<\\/", _read("app.css").decode(), flags=re.IGNORECASE)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = _POLICY.format(script=f"'sha256-{digest}'", style="'unsafe-inline'")
    page = _filled(study, policy).replace(_STYLE, f"<style>{style}</style>").replace(_SCRIPT, "")
    start, end = page.split("</body>")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(start)
        for name, text in contents.items():
            file.write(f'<script type="application/x-cortexlens" id="{name}">{text}</script>\n')
        file.write(f"<script>{script}</script>\n</body>{end}")


def _filled(study: str, policy: str) -> str:
    """index.html with its title and its content security policy."""
    page = _read("index.html").decode()
    missing = [mark for mark in (*_MARKS, "</body>") if page.count(mark) != 1]
    if missing:
        raise ValueError(f"index.html needs {missing[0]} exactly once")
    filled = {"{{title}}": html.escape(study), "{{policy}}": html.escape(policy)}
    return re.sub(r"\{\{\w+\}\}", lambda mark: filled[mark[0]], page)


def _read(name: str) -> bytes:
    """Read a built file of the page.

    Raises
    ------
    CortexlensError
        If it was not built.
    """
    try:
        return (files("cortexlens.atlas") / "page" / name).read_bytes()
    except OSError as error:
        raise CortexlensError(
            f"{name} of the page is missing from the package. Install cortexlens again, or build "
            "the page as docs/atlas.md says."
        ) from error
