"""Results of a study as the jobs of its workflow leave them: the first three, run in a row."""

import json
import sys
from pathlib import Path

import pytest

from cortexlens.cli import main
from cortexlens.storage.records import VARIABLE
from studies import write_study

RESULTS = Path("results/tiny")
SCENES, IMAGES = RESULTS / "scenes", RESULTS / "subjects/sim01/images.tsv"
RESPONSES = RESULTS / "subjects/sim01/responses.zarr"
CALLS = [
    f"draw-scenes --seed=3 --n-scenes=12 --size=32 --out {SCENES}",
    f"collect-images --kind=simulated --scenes-dir={SCENES} --subject=sim01 --scenes=0-11 "
    f"--sessions=1 --out {IMAGES}",
    f"collect-responses --kind=simulated --seed=3 --scenes-dir={SCENES} --subject=sim01 "
    f"--images {IMAGES} --repeats=2 --sessions=1 --out {RESPONSES}",
]


def run(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Run a stage in the working directory as a job of study ``tiny`` would."""
    told = {"results": str(RESULTS), "config": "config.yaml", "overrides": {"seed": 3}}
    with monkeypatch.context() as patch:
        patch.setenv(VARIABLE, json.dumps(told))
        patch.setattr(sys, "argv", ["cortexlens", *call.split()])
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code


def make_study(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to a folder, write a study there and run its first jobs."""
    monkeypatch.chdir(folder)
    write_study(folder)
    for call in CALLS:
        run(monkeypatch, call)


def made_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a new folder with such a study, to take copies of."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        make_study(folder, patch)
    return folder
