"""How the process holds its memory."""

import ctypes

# Of glibc's <malloc.h>.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_MOST = 2**31 - 1


def keep_freed_memory() -> None:
    """Let the C library keep what is freed for what is asked for next.

    A network's pass asks for the same large blocks again and again. glibc gives each back to the
    system at once, which then has to empty and hand out every page anew
    (``benchmarks/extraction.py`` measures what that costs). For processes that end with their
    work, as the command's do; a library has no business to set this. It does nothing where the C
    library is another one.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    set_option(_TRIM_THRESHOLD, _MOST)
    set_option(_MMAP_MAX, 0)


def give_back_freed() -> None:
    """Give the system back what is freed and held by :func:`keep_freed_memory`.

    Between parts of a job that ask for blocks of other sizes: what one leaves in pieces is of no
    use to the next, and would be held beside its own. It does nothing where the C library is
    another one.
    """
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return
