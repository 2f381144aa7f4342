"""Hook of mkdocs: pages that are made from files outside docs/, and links that lead to them."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from posixpath import relpath
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "cortexlens"
# page of the site: file of the repository, from the folder of this repository
BROUGHT = {"configuration.md": "config/README.md", "changes.md": "CHANGELOG.md"}
# modules that scripts and notebooks use; they come first
SCRIPTS = ("cortexlens.api.map_network", "cortexlens.api.results", "cortexlens.api.accessor")
ROLE = re.compile(r":(?:func|class|meth|mod|data|attr):<code>~?([^<]+)</code>")
LINK = re.compile(r"(?<=\]\()(\.\./[^)#\s]+|docs/[^)#\s]+)")


def on_files(files: Files, config: "MkDocsConfig") -> Files:
    """Add the pages that are brought from elsewhere, the API's, and the list of decisions."""
    pages = {page: (ROOT / path).read_text() for page, path in BROUGHT.items()}
    pages |= {f"api/{name}.md": text for name, text in api_pages().items()}
    pages["decisions/README.md"] = decisions_page()
    for path in sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")):
        pages[f"notebooks/{path.stem}.md"] = notebook_page(path)
    files.remove(files.src_uris["decisions/README.md"])
    for page, text in pages.items():
        files.append(File.generated(config, page, content=text))
    for section in config.nav or ():
        if section.get("API") == "api":
            section["API"] = [page for page in pages if page.startswith("api/")]
    return files


def on_page_markdown(markdown: str, page: "Page", config: "MkDocsConfig", files: Files) -> str:
    """Lead links between files of the repository to the pages that they are on the site."""
    uri = page.file.src_uri
    here = Path(BROUGHT.get(uri, f"docs/{uri}")).parent
    known = {path: made for made, path in BROUGHT.items()} | {"src/cortexlens": "api/index.md"}
    known |= {
        f"docs/{made[:-3]}.ipynb": made for made in files.src_uris if made.startswith("notebooks/")
    }

    def replaced(link: re.Match[str]) -> str:
        path = (ROOT / here / link[0]).resolve()
        target = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else link[0]
        made = known.get(target, target.removeprefix("docs/"))
        return relpath(made, Path(uri).parent.as_posix())

    return LINK.sub(replaced, markdown)


def on_page_content(html: str, page: "Page", config: "MkDocsConfig", files: Files) -> str:
    """Take Sphinx's roles off the names in docstrings, which this site shows as code."""
    return ROLE.sub(r"<code>\1</code>", html)


def api_pages() -> dict[str, str]:
    """Write a page for each package, which lists its modules, and one for what scripts use."""
    pages = {
        "index": "\n\n".join(["# What scripts use", *(f"::: {name}" for name in SCRIPTS)]) + "\n"
    }
    for package in sorted(path.parent for path in PACKAGE.glob("*/__init__.py")):
        if package.name != "api":  # on the index
            modules = (path for path in sorted(package.rglob("*.py")) if path.stem != "__init__")
            pages[package.name] = _listed(f"cortexlens.{package.name}", modules)
    root = [path for path in sorted(PACKAGE.glob("*.py")) if path.stem not in ("__init__", "cli")]
    pages["package"] = _listed("cortexlens", root)
    return pages


def _listed(name: str, modules: Iterable[Path]) -> str:
    """Write a page of a package and some of its modules."""
    head = f"# {name}\n\n::: {name}\n    options: {{show_root_heading: false, members: false}}"
    names = (path.relative_to(PACKAGE).with_suffix("").parts for path in modules)
    return "\n\n".join([head, *(f"::: cortexlens.{'.'.join(parts)}" for parts in names)]) + "\n"


def notebook_page(path: Path) -> str:
    """Write the cells of a notebook as a page, without what they show, and a link to it."""
    parts = []
    for cell in json.loads(path.read_text())["cells"]:
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
    link = f"Take it as a notebook: [{path.name}]({path.name}), in the repository `docs/notebooks`."
    return "\n\n".join([parts[0], link, *parts[1:]]) + "\n"


def decisions_page() -> str:
    """Write the page of decisions with a list of all of them."""
    folder = ROOT / "docs" / "decisions"
    lines = [(folder / "README.md").read_text()]
    for path in sorted(folder.glob("0*.md")):
        title = path.read_text().partition("\n")[0].lstrip("# ")
        lines.append(f"- [{path.name[:4]} {title}]({path.name})")
    return "\n".join(lines) + "\n"
