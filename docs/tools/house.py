"""Counts of the code: what `make house` prints, and docs/architecture.md quotes.

    python docs/tools/house.py

Lines of the package, of rules and of tests; modules at the root and packages; layers of imports;
functions of more than 40 lines; and public names that stand in one place alone, which nothing uses.
"""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "cortexlens"
LONG = 40
# Where a public name may be used.
READ = ("src", "tests", "benchmarks", "docs", "workflow", "page/src")
TEXT = {".py", ".smk", ".md", ".ipynb", ".ts", ".json", ".toml"}


def lines(paths: list[Path]) -> int:
    """Lines of some files."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions of a module, methods too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's statements, without signature and docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def public_names(path: Path) -> set[str]:
    """Functions and classes of a module that do not begin with an underscore."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {
        node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")
    }


def used_once(modules: list[Path]) -> list[str]:
    """Public names of the package that no other place of the repository writes."""
    counted: Counter[str] = Counter()
    texts = [path for folder in READ for path in (ROOT / folder).rglob("*") if path.suffix in TEXT]
    for path in [*texts, ROOT / "Snakefile", ROOT / "pyproject.toml", ROOT / "Makefile"]:
        counted.update(re.findall(r"[A-Za-z_]\w*", path.read_text(encoding="utf-8")))
    stages = {path.stem for path in (PACKAGE / "stages").glob("*.py")}
    names = {name for path in modules for name in public_names(path)} - stages
    return sorted(name for name in names if counted[name] == 1)


def counts() -> dict[str, int | str]:
    """What is counted → how many."""
    modules = sorted(PACKAGE.rglob("*.py"))
    rules = [*sorted((ROOT / "workflow" / "rules").glob("*.smk")), ROOT / "Snakefile"]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    root = [path.name for path in PACKAGE.glob("*.py") if path.name != "__init__.py"]
    long = [each for path in modules for each in functions(path) if body_lines(each) > LONG]
    once = used_once(modules)
    return {
        "lines of the package": lines(modules),
        "lines of rules": lines(rules),
        "lines of tests": lines(sorted((ROOT / "tests").rglob("*.py"))),
        "modules": len(modules),
        "modules at the root": len(root),
        "packages": len({path.parent for path in modules}) - 1,
        "layers of imports": len(contract["layers"]),
        f"functions of more than {LONG} lines": len(long),
        "public names used once": len(once),
        "these names": ", ".join(once) or "none",
    }


def main() -> None:
    """Print the counts."""
    for name, value in counts().items():
        print(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")


if __name__ == "__main__":
    main()
