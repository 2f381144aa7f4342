"""How the process holds its memory."""

import ctypes
from collections.abc import Mapping

# Of glibc's <malloc.h>, and the values that it allows and usually has.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_MOST, _LARGE, _MAPPED = 2**31 - 1, 2**25, 2**16


def keep_freed_memory() -> None:
    """Let the C library keep what is freed for what is asked for next.

    A network's pass asks for the same large blocks again and again. glibc gives each back to the
    system at once, which then has to empty and hand out every page anew
    (``benchmarks/extraction.py`` measures what that costs). For processes that end with their
    work, as the command's do; a library has no business to set this. It does nothing where the C
    library is another one.
    """
    _set({_TRIM_THRESHOLD: _MOST, _MMAP_MAX: 0})


def give_back_large() -> None:
    """Let the C library give blocks of more than 32 MB back as soon as they are freed.

    The opposite of :func:`keep_freed_memory`, for jobs that ask for large blocks of ever other
    sizes: what one leaves in pieces is of no use to the next, and would be held beside it. It does
    nothing where the C library is another one.
    """
    _set({_MMAP_MAX: _MAPPED, _MMAP_THRESHOLD: _LARGE})


def _set(values: Mapping[int, int]) -> None:
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for option, value in values.items():
        set_option(option, value)
