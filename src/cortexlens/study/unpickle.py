"""Tables of names from pickled files, read without executing anything in the pickle.

A pickle is a program. Here its instructions are checked against a short list before any is
executed, and the few names that numpy's own pickles call are resolved to inert placeholders: no
module is imported, and no function of another package is called.
"""

import io
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy as np

from cortexlens.errors import CortexlensError

LARGEST_FILE = 2**20  # bytes; a table of region names has a few hundred
# Instructions that push a new value onto the unpickler's stack.
# fmt: off
MAKING = frozenset({
    "EMPTY_DICT", "DICT", "EMPTY_LIST", "LIST", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2",
    "TUPLE3", "NONE", "NEWTRUE", "NEWFALSE", "INT", "BININT", "BININT1", "BININT2", "LONG",
    "LONG1", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINBYTES", "SHORT_BINBYTES",
    "GLOBAL", "STACK_GLOBAL", "REDUCE", "GET", "BINGET", "LONG_BINGET",
})
# fmt: on
REMEMBERING = frozenset({"MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"})
OTHER = frozenset(
    {"PROTO", "FRAME", "STOP", "MARK", "SETITEM", "SETITEMS", "APPEND", "APPENDS", "BUILD"}
)
NAMES = {
    (module, name): name
    for module in ("numpy.core.multiarray", "numpy._core.multiarray")
    for name in ("_reconstruct", "scalar")
} | {("_codecs", "encode"): "encode", ("numpy", "ndarray"): "ndarray", ("numpy", "dtype"): "dtype"}


def read_mapping(path: Path) -> dict[int, str]:
    """Read a pickled table of names: a ``.npy`` file that holds one dict, or a bare pickle.

    Parameters
    ----------
    path
        The file. Nothing in it is executed.

    Returns
    -------
    dict
        Label → name.

    Raises
    ------
    CortexlensError
        If the file is missing or damaged, or holds anything but whole numbers and their names.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise CortexlensError(f"{path}: cannot be read ({error.strerror}).") from error
    if len(data) > LARGEST_FILE:
        raise _refusal(path, f"it is larger than {LARGEST_FILE} bytes")
    try:
        return _table(_plain(_Unpickler(_checked(_without_header(data))).load()))
    except Exception as error:  # hostile bytes fail in many ways
        raise _refusal(path, str(error) or type(error).__name__) from error


def _table(found: Any) -> dict[int, str]:
    """Refuse an object that is not a table of names."""
    if not isinstance(found, dict):
        raise TypeError(f"it holds a {type(found).__name__}")
    table = {_plain(label): _plain(name) for label, name in found.items()}
    for label, name in table.items():
        if type(label) is not int or type(name) is not str:
            raise TypeError(f"it maps {type(label).__name__} to {type(name).__name__}")
    return table


def _refusal(path: Path, why: str) -> CortexlensError:
    return CortexlensError(
        f"{path}: not accepted as a table of names: {why}. Allowed is one pickled dict of whole "
        "numbers to names; nothing in the file was executed. Copy the file again from its source."
    )


def _without_header(data: bytes) -> bytes:
    """Find the pickle within a ``.npy`` file."""
    if not data.startswith(np.lib.format.MAGIC_PREFIX):
        return data
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, _, dtype = read_header(file)
    if shape != () or dtype != np.dtype(object):
        raise ValueError(f"it is an array of {dtype} with shape {shape}")
    return data[file.tell() :]


def _checked(data: bytes) -> io.BytesIO:
    """Refuse instructions that a table of names does not need, and harmful uses of others."""
    memo: dict[int, str] = {}
    made = ""
    for instruction, argument, _ in pickletools.genops(data):
        name = instruction.name
        if name in REMEMBERING:
            place = len(memo) if name == "MEMOIZE" else int(argument or 0)
            # The unpickler allocates memory up to the highest memo index that it encounters.
            if place > len(data):
                raise ValueError("its memo is larger than its content")
            memo[place] = made
        elif name in MAKING:
            # Hashing deeply nested tuples of the same tuple would take exponential time.
            if name.endswith("GET") and memo.get(int(argument or 0), "").startswith("TUPLE"):
                raise ValueError("it uses a tuple twice")
            made = name
        elif name not in OTHER:
            raise ValueError(f"it holds the instruction {name}")
    return io.BytesIO(data)


class _Inert:
    """Placeholder for a name or the result of calling it; stores its arguments, does nothing."""

    __slots__ = ("arguments", "name", "state")

    def __init__(self, name: str, arguments: tuple[Any, ...] = ()) -> None:
        self.name, self.arguments, self.state = name, arguments, None

    def __call__(self, *arguments: Any) -> "_Inert":
        return _Inert(self.name, arguments)

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> _Inert:
        """Resolve an allowed name to an inert placeholder."""
        if (module, name) not in NAMES:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return _Inert(NAMES[module, name])


def _plain(value: Any) -> Any:
    """Value that a placeholder represents: the single item of an array, or a number or text."""
    if not isinstance(value, _Inert):
        return value
    if value.name == "_reconstruct" and isinstance(value.state, tuple):
        items = value.state[-1]
        if isinstance(items, list) and len(items) == 1:
            return items[0]
    if value.name == "scalar" and len(value.arguments) == 2:
        return _scalar(*value.arguments)
    raise ValueError(f"it holds a numpy {value.name} other than one number or text")


def _scalar(dtype: Any, data: Any) -> int | str:
    """Value of a pickled numpy scalar: a whole number or text."""
    if not isinstance(dtype, _Inert) or dtype.name != "dtype" or not isinstance(data, bytes):
        raise ValueError("it holds a numpy scalar without a type")
    code, order = str(dtype.arguments[0]), dtype.state[1]  # type: ignore[index]
    byteorder = "big" if order == ">" else "little"
    if code[:1] in "iu" and code[1:] == str(len(data)):
        return int.from_bytes(data, byteorder, signed=code[0] == "i")  # type: ignore[arg-type]
    if code[:1] == "U":
        return data.decode(f"utf-32-{byteorder[0]}e").rstrip("\0")
    raise ValueError(f"it holds a numpy scalar of type {code}")
