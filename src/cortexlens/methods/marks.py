"""Formatting of names, numbers, citations and tables in Markdown."""

from collections.abc import Iterable, Sequence


def code(text: object) -> str:
    """Format a user's name as code, so that nothing in it is interpreted as Markdown."""
    plain = " ".join(str(text).split()).replace("`", "'").replace("|", "¦")
    return f"`{plain}`"


def codes(names: Iterable[object]) -> str:
    """Format names as a list of code: one, two and three."""
    return listed([code(name) for name in names])


def listed(parts: Sequence[str]) -> str:
    """Join parts of a sentence: one, two and three."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def number(value: float) -> str:
    """Format a number: whole numbers with commas, others as short as possible without rounding."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def span(values: Iterable[float]) -> str:
    """Format a single value, or the smallest and the largest."""
    found = sorted(set(values))
    ends = found[:1] if len(found) == 1 else [found[0], found[-1]]
    return " to ".join(number(value) for value in ends)


def cite(*keys: str) -> str:
    """Cite works in pandoc's format."""
    return f"[{'; '.join(f'@{key}' for key in keys)}]"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a table; cells must not contain vertical bars."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
