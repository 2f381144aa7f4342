"""Binary arrays for the page: small numbers in sequence, and how to decode them.

A raw number stands for ``raw · scale + zero``; one raw number may stand for a missing value. Every
array starts at a multiple of four bytes, so that the page can use a typed array on it.
"""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from jaxtyping import Shaped

ALIGNMENT: Final = 4
# Largest number to store: larger ones are not drawn, and are infinite in float16.
_LARGEST: Final = float(np.finfo(np.float16).max)


class Coding(NamedTuple):
    """Encoding of the numbers of an array.

    Attributes
    ----------
    dtype
        Name of the numpy type, little-endian.
    scale
        Value of one step.
    missing
        Raw number that stands for a missing value; None: there is none, or NaN for floats.
    """

    dtype: str
    scale: float = 1.0
    missing: int | None = None


# For 0 to 1, and for -1 to 1, each with one raw number reserved for missing values.
FRACTION: Final = Coding("uint8", 1 / 254, 255)
SIGNED: Final = Coding("int8", 1 / 127, -128)
FLOAT: Final = Coding("float16")
# Steps of 0.005 are fine enough for the spread between seeds, and compress well.
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
        Name, type, shape, start and coding of each array, as listed in the manifest.
    """

    data: bytes
    arrays: list[dict[str, Any]]


Coded = tuple[Shaped[np.ndarray, "..."], Coding]


def numbers(largest: int) -> Coding:
    """Coding of whole numbers from 0 to a largest one, or -1 for missing."""
    return next((each for each in (BYTE, WORD) if each.missing and largest < each.missing), LONG)


def lengths(values: Shaped[np.ndarray, "*place"]) -> Coding:
    """Coding of signed lengths in 16 bits, with steps as fine as the largest value allows."""
    return Coding("int16", max(float(np.abs(values).max(initial=0)), 1e-6) / 32767)


def encode(values: Shaped[np.ndarray, "*place"], coding: Coding) -> Shaped[np.ndarray, "*place"]:
    """Raw numbers of an array.

    Parameters
    ----------
    values
        Values. Those that are not finite are missing; so are numbers below 0 if the type is
        unsigned and has a number for missing values. Values outside the range of the type are
        clipped.
    coding
        Coding of the array.
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
    """Concatenate arrays.

    Parameters
    ----------
    arrays
        Name → values and their coding, in the order in which they are stored.
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
    """Compress bytes and encode them as text for scripts; equal bytes give equal text."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")


def json_bytes(value: Any) -> bytes:
    """Encode as JSON, refusing numbers that JSON lacks.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()
