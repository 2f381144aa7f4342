"""The soak in short: a study that is killed twice ends as one that was not."""

import shutil
import sys
from collections import Counter
from random import Random

import pytest

from studies import BACKBONES, REPOSITORY, SIMULATED, write_study

sys.path.append(str(REPOSITORY / "benchmarks"))

import soak
from soak_study import Run, compare, leftovers, pieces, results_of
from soak_table import Line, keep, table

CONFIG = {
    **SIMULATED,
    "dataset": {"kind": "simulated", "n_scenes": 140, "repeats": 2, "sessions": 2},
    "runs": [{"backbones": ["plain"], "subjects": ["sim01"], "readouts": ["factortopy"]}],
    "encoder": {"epochs": 3, "dimensions": 4},
}
TARGETS = ("results/tiny/fits/factortopy/plain/sim01/fit.zarr",)


def kill_at_the_end_of(stage, run):
    """Go on, and kill everything as soon as a job of a stage ends."""
    seen = len(run.events())
    run.start()
    for event in run.watch(seen, float("inf")):
        if (event.stage, event.event) == (stage, "end"):
            run.kill()
            return
    pytest.fail(f"{stage} did not end: {run.output.read_text()}")


@pytest.mark.slow
def test_a_study_that_is_killed_in_its_blocks_computes_none_of_them_again(tmp_path, monkeypatch):
    """Killed after a first block or epoch, and when a job has ended but snakemake does not know.

    60 s when idle.
    """
    monkeypatch.setattr(soak, "PASSED_BLOCKS", 0)
    monkeypatch.setattr(soak, "PASSED_STARTS", 1)
    monkeypatch.setattr(soak, "DELAY", 0.05)
    monkeypatch.setattr(soak, "ALONE", 0)
    write_study(tmp_path, CONFIG, [{"subject": "sim01", "scenes": "0-9,10-139"}], BACKBONES[:1])
    run = Run(tmp_path, TARGETS)
    for stage in ("extract_features", "fit_encoder"):
        (kill,) = soak.kill_often(run, Counter([stage]), Random(0), float("inf"))
        assert kill.kind == stage
        kill_at_the_end_of(stage, run)
    assert run.finish() == 0, run.output.read_text()
    disturbed = run.events()
    assert [event.stage for event in disturbed if event.event == "taken"] == [
        "extract_features",
        "fit_encoder",
    ]
    assert not leftovers(run.results)
    found = results_of(run.results)
    assert any(name.startswith("fits/") for name in found)
    # The same once more, undisturbed.
    for folder in ("features", "fits"):
        shutil.rmtree(run.results / folder)
    assert run.finish() == 0, run.output.read_text()
    assert results_of(run.results) == found
    done = pieces(disturbed)
    assert pieces(run.events()[len(disturbed) :]) == done
    assert done.total() == 3 + 3  # blocks and epochs


def test_what_differs_or_is_left_over_is_found(tmp_path, capsys):
    for name in ("base", "killed"):
        results = tmp_path / name / "results" / "tiny"
        results.mkdir(parents=True)
        (results / "a.json").write_text(f'{{"seconds": {len(name)}, "b": 1}}')
        (results / ".snakemake_timestamp").touch()
    base, run = Run(tmp_path / "base"), Run(tmp_path / "killed")
    assert compare(base, run)
    left = run.results / "fits" / ".x.partial"
    left.mkdir(parents=True)
    assert leftovers(run.results) == ["fits/.x.partial"]
    assert not compare(base, run)
    left.rmdir()
    (run.results / "a.json").write_text('{"b": 2}')
    assert not compare(base, run)
    assert capsys.readouterr().out == "left over: fits/.x.partial\nanother result: a.json\n"


def test_the_table_takes_the_place_of_the_one_before(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- soak -->\nold\n<!-- end of soak -->\nafter\n")
    lines = [Line("kill -9", "fit_encoder", 5, 4, 0), Line("full disk", "finetune", 1, 1, 0)]
    keep(table(lines, 30, 600, 60), page)
    text = page.read_text()
    assert "| kill -9 | fit encoder | 5 | 4 | 1 | 0 |" in text
    assert "5 of 30 kills, 10 minutes" in text
    assert "old" not in text
    assert text.startswith("before\n<!-- soak -->\n| fault |")
    assert text.endswith("<!-- end of soak -->\nafter\n")
