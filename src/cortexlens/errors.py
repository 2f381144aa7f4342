"""The one kind of error that is meant for the person at the keyboard."""

from collections.abc import Iterable


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
