"""The one kind of error that is meant for the person at the keyboard."""


class CortexlensError(Exception):
    """Something that the user can correct; printed as one line, exit code 2.

    The message says what was found, what is allowed, in which file and row, and what to do.
    Every other exception is a bug of cortexlens and shows its traceback.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))
