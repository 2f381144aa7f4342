"""What cortexlens is installed with: known faults, licences, and a list for releases.

python envs/dependencies.py audit | licences
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

OSV = "https://api.osv.dev/v1/query"
SECONDS = 25
# Terms that a package may not have: they bind who only calls it, or forbid some uses.
FORBIDDEN = re.compile(
    r"\bA-?GPL|Affero|\bSSPL|Server Side Public|Business Source|\bBUSL|Commons Clause|"
    r"Non-?Commercial|\bCC-BY(-[A-Z]+)*-NC|Proprietary|Research[- ]Only",
    re.IGNORECASE,
)


def licence_of(package: Distribution) -> str:
    """A package's licence as it says itself; empty where it says nothing."""
    about = package.metadata
    kinds = [
        text.rpartition(" :: ")[2]
        for text in about.get_all("Classifier", [])
        if text.startswith("License ::") and not text.endswith("OSI Approved")
    ]
    said = str(about.get("License") or "").strip().partition("\n")[0][:80]
    return str(about.get("License-Expression") or "; ".join(kinds) or said)


def licences(packages: Iterable[Distribution]) -> tuple[list[str], list[str]]:
    """Lines of name, version and licence, sorted, and names of packages that are forbidden."""
    lines, bad = [], []
    for package in packages:
        name, licence = str(package.metadata["Name"]), licence_of(package)
        files = [str(file).rpartition("/")[2] for file in package.files or ()]
        texts = sorted({file for file in files if re.match("(?i)(licen[cs]e|copying)", file)})
        told = licence or (f"see {texts[0]} in the package" if texts else "not stated")
        lines.append(f"{name} {package.version}\t{told}")
        if FORBIDDEN.search(licence):
            bad.append(name)
    return sorted(set(lines), key=str.lower), sorted(set(bad))


def show_licences() -> int:
    """Print the licences of all installed packages; 1 if one is forbidden."""
    lines, bad = licences(distributions())
    print("\n".join(lines))
    if bad:
        print(f"Not allowed: {', '.join(bad)}. Use other packages.", file=sys.stderr)
    return int(bool(bad))


def is_reachable(url: str) -> bool:
    """Whether a service answers, whatever it says."""
    try:
        with urlopen(url, timeout=5):
            return True
    except HTTPError:
        return True
    except (URLError, OSError):
        return False


def audit(url: str) -> int:
    """Ask a service of advisories about all installed packages; 1 if there are some."""
    if not is_reachable(url):
        print(f"Not audited: {url} cannot be reached from here.")
        return 0
    command = [sys.executable, "-m", "pip_audit", "--local", "--skip-editable"]
    command += ["--progress-spinner", "off", "--vulnerability-service", "osv", "--osv-url", url]
    try:
        return subprocess.run(command, check=False, timeout=SECONDS).returncode
    except subprocess.TimeoutExpired:
        print(f"Not audited: {url} did not answer for all packages within {SECONDS} s.")
        return 0


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["audit", "licences"])
    parser.add_argument("--url", default=OSV, help="service of advisories")
    given = parser.parse_args()
    return audit(given.url) if given.what == "audit" else show_licences()


if __name__ == "__main__":
    sys.exit(main())
