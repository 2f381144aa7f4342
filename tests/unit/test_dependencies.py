"""What cortexlens is installed with is pinned, may be used, and is asked about."""

import importlib.util
import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from studies import REPOSITORY

TOOL = REPOSITORY / "envs" / "dependencies.py"
_spec = importlib.util.spec_from_file_location("dependencies", TOOL)
assert _spec is not None
assert _spec.loader is not None
dependencies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(dependencies)
LINES = (REPOSITORY / "envs" / "constraints.txt").read_text().splitlines()
PINS = dict(line.split("==") for line in LINES if line and not line.startswith("#"))
PINS = {canonicalize_name(name): version for name, version in PINS.items()}
# pip comes with Python
NOT_PINNED = {"pip", "setuptools", "cortexlens"}


def needed():
    """Names of all that cortexlens with its extras needs here, and what these need in turn."""
    waiting, seen = [("cortexlens", frozenset({"dev", "docs", "release"}))], {}
    while waiting:
        name, extras = waiting.pop()
        name = canonicalize_name(name)
        if name in seen and extras <= seen[name]:
            continue
        seen[name] = seen.get(name, frozenset()) | extras
        try:
            found = distribution(name).requires or []
        except PackageNotFoundError:
            continue  # an optional one that is not installed
        for text in found:
            each = Requirement(text)
            wanted = [{"extra": extra} for extra in (*extras, "")]
            if each.marker is None or any(each.marker.evaluate(extra) for extra in wanted):
                waiting.append((each.name, frozenset(each.extras)))
    return seen.keys()


def test_all_that_is_needed_is_pinned_to_what_is_installed():
    names = needed()
    assert len(names) > 150
    assert names - PINS.keys() - NOT_PINNED == set()
    other = {
        name: (PINS[name], distribution(name).version)
        for name in names & PINS.keys()
        if distribution(name).version.partition("+")[0] != PINS[name]
    }
    assert other == {}


def test_every_pin_is_an_exact_version():
    assert all(re.fullmatch(r"[A-Za-z0-9_.\-]+==[0-9][A-Za-z0-9.]*", line) for line in LINES[1:])


def test_no_package_has_terms_that_are_forbidden():
    done = subprocess.run(
        [sys.executable, str(TOOL), "licences"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    table = dict(line.split("\t") for line in done.stdout.splitlines())
    assert any(line.startswith("numpy ") for line in table)
    assert [line for line, licence in table.items() if licence == "not stated"] == []


@pytest.mark.parametrize(
    ("licence", "forbidden"),
    [
        ("AGPL-3.0-or-later", True),
        ("GNU Affero General Public License v3", True),
        ("CC-BY-NC-4.0", True),
        ("CC-BY-NC-SA-4.0", True),
        ("Free for non-commercial use", True),
        ("Apache-2.0 WITH Commons Clause", True),
        ("BUSL-1.1", True),
        ("MIT", False),
        ("GPL-2.0-only", False),
        ("LGPL-3.0", False),
        ("CC-BY-4.0", False),
        ("BSD-3-Clause AND NCSA", False),
    ],
)
def test_forbidden_terms_are_known(licence, forbidden):
    assert bool(dependencies.FORBIDDEN.search(licence)) == forbidden


class Advisories(BaseHTTPRequestHandler):
    """A service that knows one fault, of numpy."""

    def do_GET(self):
        self.send_error(405)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = {"id": "TEST-1", "summary": "made up", "details": "", "affected": []}
        answer = {"vulns": [known]} if asked["package"]["name"] == "numpy" else {}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def audited(url):
    command = [sys.executable, str(TOOL), "audit", "--url", url]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_advisory_is_told():
    with HTTPServer(("127.0.0.1", 0), Advisories) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        done = audited(f"http://127.0.0.1:{server.server_port}/v1/query")
        server.shutdown()
        thread.join()
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"(?m)^numpy +\S+ +TEST-1", done.stdout)


def test_a_service_that_cannot_be_reached_is_said_to_be():
    done = audited("http://127.0.0.1:9/v1/query")
    assert done.returncode == 0
    assert done.stdout == "Not audited: http://127.0.0.1:9/v1/query cannot be reached from here.\n"


def test_the_list_for_releases_names_what_is_installed(tmp_path):
    program = Path(sys.executable).parent / "cyclonedx-py"
    recipe = (REPOSITORY / "Makefile").read_text().partition("\nsbom:")[2].partition("\n\n")[0]
    options = re.search(r"cyclonedx-py environment (.*) --output-file", recipe)
    assert options is not None
    out = tmp_path / "sbom.json"
    words = [*options[1].replace("$(BIN)/python", sys.executable).split(), "--output-file"]
    done = subprocess.run(
        [str(program), "environment", *words, str(out)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    bom = json.loads(out.read_text())
    assert bom["metadata"]["component"]["name"] == "cortexlens"
    found = {each["name"]: each["version"] for each in bom["components"]}
    assert found["numpy"].partition("+")[0] == PINS["numpy"]
    assert len(found) > 150
