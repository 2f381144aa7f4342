"""Progress: lines with fields in a log, a bar on a terminal, the items unchanged."""

import io
import re
import sys

import pytest

from cortexlens import progress
from cortexlens.progress import say, track

STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_has_one_line_at_the_end_of_a_short_step(capsys):
    assert list(track(["a", "b"], "letters read")) == ["a", "b"]
    (line,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(rf"{STAMP} \| letters read \| 2/2 \| 100 % \| 0 s left", line)


def test_a_log_has_a_line_and_an_estimate_every_few_seconds(capsys, monkeypatch):
    clock = iter(range(0, 1000, 6))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(clock)))
    assert list(track(iter(range(10)), "numbers read", 10)) == list(range(10))
    fields = [line.split(" | ")[2:] for line in capsys.readouterr().err.splitlines()]
    assert fields[0] == ["2/10", "20 %", "48 s left"]
    assert [each[0] for each in fields] == ["2/10", "4/10", "6/10", "8/10", "10/10"]


def test_nothing_to_go_through_prints_nothing(capsys):
    assert list(track([], "things")) == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("terminal", "begins"), [(True, ""), (False, rf"{STAMP} \| ")])
def test_a_message_has_the_time_before_it_in_a_log_alone(monkeypatch, terminal, begins):
    written = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    say("going on")
    assert re.fullmatch(rf"{begins}going on\n", written.getvalue())


def test_a_terminal_has_a_bar(monkeypatch):
    monkeypatch.setattr(sys, "stderr", written := Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert list(track(range(3), "numbers read")) == [0, 1, 2]
    assert "numbers read" in written.getvalue()
    assert "100%" in written.getvalue()
