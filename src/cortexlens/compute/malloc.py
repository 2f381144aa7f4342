"""Memory management of the process: when the C library returns freed memory to the system."""

import ctypes
from collections.abc import Mapping

# Parameters of glibc's <malloc.h>, with their limits and default values.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_MOST, _LARGE, _MAPPED = 2**31 - 1, 2**25, 2**16


def keep_freed_memory() -> None:
    """Let the C library keep freed memory for later allocations.

    The forward pass of a network allocates the same large blocks again and again. By default, glibc
    returns each to the system at once, which then has to clear and provide every page anew
    (``benchmarks/extraction.py`` measures the cost). This is for processes that end with their
    work, like the console command; a library must not change this setting. No effect with other C
    libraries.
    """
    _set({_TRIM_THRESHOLD: _MOST, _MMAP_MAX: 0})


def give_back_large() -> None:
    """Let the C library return blocks of more than 32 MB to the system as soon as they are freed.

    The opposite of :func:`keep_freed_memory`, for jobs that allocate large blocks of changing
    sizes: fragments of one block cannot be reused for the next and would take memory in addition.
    No effect with other C libraries.
    """
    _set({_MMAP_MAX: _MAPPED, _MMAP_THRESHOLD: _LARGE})


def _set(values: Mapping[int, int]) -> None:
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for option, value in values.items():
        set_option(option, value)
