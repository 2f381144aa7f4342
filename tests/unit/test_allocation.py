import ctypes
import platform
import subprocess
import sys

import pytest

from cortexlens.allocation import keep_freed_memory

# Fills 60 MB twice; prints how many pages the system had to hand out for the second time.
TWICE = """
import resource, sys
import numpy as np
from cortexlens.allocation import keep_freed_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
def pages():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(7_500_000)
before = pages()
np.ones(7_500_000)
print(pages() - before)
"""


def pages_handed_out(way: str) -> int:
    command = [sys.executable, "-c", TWICE, way]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="an option of glibc")
def test_freed_memory_is_used_again() -> None:
    assert pages_handed_out("keep") < 100 < pages_handed_out("usual")


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_another_c_library_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def without(name: None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", without)
    keep_freed_memory()
