"""Arrays as a page reads them: small numbers one after the other, and what they stand for.

A number stands for ``raw · scale + zero``; one raw number may stand for what is not known. Every
array starts at a multiple of four bytes, so that a page can lay an array of its own over it.
"""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from jaxtyping import Shaped

ALIGNMENT: Final = 4
# No page draws a larger number, and float16 has none but infinity.
_LARGEST: Final = float(np.finfo(np.float16).max)


class Coding(NamedTuple):
    """How the numbers of an array are written.

    Attributes
    ----------
    dtype
        Name of numpy's type, little-endian.
    scale
        What a step is worth.
    missing
        Raw number that stands for what is not known; None: there is none, or NaN of floats.
    """

    dtype: str
    scale: float = 1.0
    missing: int | None = None


# From 0 to 1, and from -1 to 1, each with a raw number left for what is not known.
FRACTION: Final = Coding("uint8", 1 / 254, 255)
SIGNED: Final = Coding("int8", 1 / 127, -128)
FLOAT: Final = Coding("float16")
# Half a hundredth is fine enough for how far seeds lie apart, and packs well.
SPREAD: Final = Coding("uint8", 0.005, 255)
BYTE: Final = Coding("uint8", 1.0, 255)
WORD: Final = Coding("uint16", 1.0, 65535)
LONG: Final = Coding("uint32")


class Packed(NamedTuple):
    """A file of arrays.

    Attributes
    ----------
    data
        Bytes of all arrays.
    arrays
        Name, type, shape, start and coding of each, as the manifest tells them.
    """

    data: bytes
    arrays: list[dict[str, Any]]


Coded = tuple[Shaped[np.ndarray, "..."], Coding]


def numbers(largest: int) -> Coding:
    """Coding of whole numbers from 0 to some largest one, or -1 where there is none."""
    return next((each for each in (BYTE, WORD) if each.missing and largest < each.missing), LONG)


def lengths(values: Shaped[np.ndarray, "*place"]) -> Coding:
    """Coding of signed lengths in 16 bits whose steps are as fine as the largest allows."""
    return Coding("int16", max(float(np.abs(values).max(initial=0)), 1e-6) / 32767)


def encode(values: Shaped[np.ndarray, "*place"], coding: Coding) -> Shaped[np.ndarray, "*place"]:
    """Give the raw numbers of an array.

    Parameters
    ----------
    values
        What is not finite is not known; so are numbers below 0 of a type without sign that has a
        number for it. What a type cannot hold becomes the nearest that it can.
    coding
        How.
    """
    dtype = np.dtype(coding.dtype).newbyteorder("<")
    if dtype.kind == "f":
        known = np.where(np.isfinite(values), np.clip(values, -_LARGEST, _LARGEST), np.nan)
        return known.astype(dtype)
    numbers = np.asarray(values, np.float64)
    known = np.isfinite(numbers)
    info = np.iinfo(dtype)
    low, high = float(info.min), float(info.max)
    if coding.missing is not None:
        low, high = (low + 1, high) if coding.missing < 0 else (low, high - 1)
        known &= (numbers >= 0) | (info.min < 0)
    raw = np.clip(np.rint(np.where(known, numbers, 0) / coding.scale), low, high)
    return np.where(known, raw, coding.missing or 0).astype(dtype)


def pack(arrays: Mapping[str, Coded]) -> Packed:
    """Lay arrays one after the other.

    Parameters
    ----------
    arrays
        Name → values and their coding, in the order in which they are to lie.
    """
    data, entries = bytearray(), []
    for name, (values, coding) in arrays.items():
        data += bytes(-len(data) % ALIGNMENT)
        entry: dict[str, Any] = {
            "name": name,
            "dtype": coding.dtype,
            "shape": list(values.shape),
            "offset": len(data),
        }
        if coding.scale != 1.0:
            entry["scale"] = coding.scale
        if coding.missing is not None:
            entry["missing"] = coding.missing
        entries.append(entry)
        data += np.ascontiguousarray(encode(values, coding)).tobytes()
    return Packed(bytes(data), entries)


def armoured(data: bytes) -> str:
    """Compress bytes and write them as text that any script may hold; equal bytes, equal text."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")


def json_bytes(value: Any) -> bytes:
    """Write JSON without a number that JSON lacks.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()
