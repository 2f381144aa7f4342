"""The one kind of error that is meant for the person at the keyboard."""

import errno
from collections.abc import Iterable

# Errors of files and folders that may not be opened or written.
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


class CortexlensError(Exception):
    """Something that the user can correct; printed as one line, exit code 2.

    The message says what was found, what is allowed, in which file and row, and what to do.
    Every other exception is a bug of cortexlens and shows its traceback.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class SeveralFaultsError(CortexlensError):
    """Faults that were found at once; the message is the first, and how many more there are.

    Parameters
    ----------
    faults
        One line each, at least one.

    Attributes
    ----------
    faults : tuple of str
        All of them, each once.
    """

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(dict.fromkeys(" ".join(fault.split()) for fault in faults))
        more = len(self.faults) - 1
        super().__init__(
            self.faults[0] + (f" ({more} more: `cortexlens check` lists them)" if more else "")
        )


def faults_of(error: CortexlensError) -> tuple[str, ...]:
    """Give the lines of an error: one, or each of several faults."""
    return error.faults if isinstance(error, SeveralFaultsError) else (str(error),)


def closed(error: BaseException | None) -> str | None:
    """Say which file or folder may not be opened or written; None if that is not what failed.

    Parameters
    ----------
    error
        It, what led to it and errors that it holds are looked at.
    """
    if error is None:
        return None
    if isinstance(error, OSError) and error.errno in _CLOSED:
        where = error.filename or "a file of this job or of the system"
        return (
            f"{where}: cannot be opened or written ({error.strerror}). Correct its permissions, or "
            "work in a folder that may be written to."
        )
    inner = [each for each in error.args if isinstance(each, BaseException)]
    found = map(closed, (*inner, error.__cause__, error.__context__))
    return next(filter(None, found), None)
