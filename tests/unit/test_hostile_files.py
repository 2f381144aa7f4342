"""Damaged and hostile files of every kind: refused in one line, or what was planted is found."""

import numpy as np
import pytest

from cortexlens.errors import CortexlensError
from hostile import KINDS, damaged


def found(kind, path):
    """The value that a file holds, or None where it is refused in one line."""
    try:
        return kind.read(path)
    except CortexlensError as error:
        told = str(error)
    # it says which file
    assert path.name in told
    return None


def check(kind, path, planted, what):
    value = found(kind, path)
    if value is not None:
        np.testing.assert_equal(value, planted, err_msg=f"{kind.name}, {what}")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_is_refused_and_never_misread(tmp_path, kind):
    path, trace = tmp_path / kind.name, tmp_path / "trace"
    kind.write(path)
    data, planted = path.read_bytes(), kind.read(path)
    assert planted is not None
    n_refused = 0
    for what, content in damaged(data, trace).items():
        path.unlink()
        path.write_bytes(content)
        check(kind, path, planted, what)
        n_refused += found(kind, path) is None
        assert not trace.exists(), what
    path.unlink()
    assert found(kind, path) is None
    path.mkdir()
    assert found(kind, path) is None
    # a reader that took everything would pass what is above
    assert n_refused >= 10
