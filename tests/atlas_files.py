"""Pages as their own script reads them."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

_SCRIPT = re.compile(r'cortexlens\.receive\("([a-z0-9-]+)", "([A-Za-z0-9+/=]*)"\);\n')


class Page:
    """A page that was written: what its manifest says, and the arrays of its files."""

    def __init__(self, contents: dict[str, str]) -> None:
        self.contents = {
            name: gzip.decompress(base64.b64decode(text)) for name, text in contents.items()
        }
        self.manifest = json.loads(self.contents["manifest"])

    @classmethod
    def of_folder(cls, folder: Path) -> "Page":
        found = {}
        for file in sorted((folder / "data").iterdir()):
            name, text = _SCRIPT.fullmatch(file.read_text(encoding="ascii")).groups()
            assert file.name == f"{name}.js"
            found[name] = text
        return cls(found)

    @classmethod
    def of_file(cls, file: Path) -> "Page":
        return cls({name: text for name, text in elements(file).scripts.items() if name})

    def arrays(self, entry: dict) -> dict[str, np.ndarray]:
        """Values of a file's arrays; NaN where they are not known."""
        data, found = self.contents[entry["file"]], {}
        for each in entry["arrays"]:
            dtype = np.dtype(each["dtype"]).newbyteorder("<")
            assert each["offset"] % 4 == 0
            count = int(np.prod(each["shape"]))
            raw = np.frombuffer(data, dtype, count, each["offset"]).reshape(each["shape"])
            values = raw.astype(np.float64) * each.get("scale", 1) + each.get("zero", 0)
            if "missing" in each:
                values[raw == each["missing"]] = np.nan
            found[each["name"]] = values
        return found

    def map(self, kind: str, network: str, subject: str) -> tuple[dict, dict[str, np.ndarray]]:
        """Entry and arrays of a map."""
        wanted = (kind, network, subject)
        (entry,) = [
            each
            for each in self.manifest["maps"]
            if (each["kind"], each["network"], each["subject"]) == wanted
        ]
        return entry, self.arrays(entry)


class Elements(HTMLParser):
    """What a browser makes of a page: its title, its policy, its scripts and all other tags."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: dict[str, str] = {}
        self.tags: list[str] = []
        self.title = self.policy = ""
        self._at = ("", "")

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._at = (tag, given.get("id", ""))
        self.tags.append(tag)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag == "script":
            self.scripts[given.get("id", "")] = ""

    def handle_endtag(self, tag):
        self._at = ("", "")

    def handle_data(self, data):
        tag, name = self._at
        if tag == "script":
            self.scripts[name] += data
        elif tag == "title":
            self.title += data


def elements(file: Path) -> Elements:
    """Read a page as a browser does."""
    parser = Elements()
    parser.feed(file.read_text(encoding="utf-8"))
    parser.close()
    return parser
