import ctypes
import platform
import subprocess
import sys

import pytest

from cortexlens.compute.malloc import give_back_large, keep_freed_memory

# Fills 60 MB twice; prints how many pages the system had to hand out for the second time.
TWICE = """
import resource, sys
import numpy as np
from cortexlens.compute.malloc import keep_freed_memory
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


# Prints MB of its own memory while 60 MB are filled, and when they are freed.
GIVEN_BACK = """
import sys
import numpy as np
from pathlib import Path
from cortexlens.compute.malloc import give_back_large, keep_freed_memory
keep_freed_memory()
if sys.argv[1] == "large":
    give_back_large()
def held():
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) // 1000
values = np.ones(7_500_000)
print(held())
del values
print(held())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory as Linux says it")
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a function of glibc")
def test_large_blocks_are_given_back_where_that_is_asked_for() -> None:
    def held(way: str) -> list[int]:
        command = [sys.executable, "-c", GIVEN_BACK, way]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [int(each) for each in done.stdout.split()]

    filled, freed = held("kept")
    assert freed > filled - 10
    filled, freed = held("large")
    assert freed < filled - 50


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_another_c_library_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def without(name: None) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", without)
    keep_freed_memory()
    give_back_large()
