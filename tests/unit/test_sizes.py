"""Sizes are found where they are best known."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from cortexlens.backbones.measure import measure_network
from cortexlens.backbones.row import BackboneRow
from cortexlens.config.study import load_study
from cortexlens.errors import CortexlensError
from cortexlens.planning import sizes
from cortexlens.planning.forecast import least_hours
from cortexlens.planning.planner import Planner
from cortexlens.planning.workloads import SubjectSize
from studies import SIMULATED, SUBJECTS, write_study

RESULTS = Path("results/tiny")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def study(dataset, row, backbones=None):
    """A study of one subject whose data are not there."""
    given = {} if backbones is None else {"backbones": backbones}
    path = write_study(Path(), {**SIMULATED, "dataset": dataset}, [row], **given)
    return load_study(path, data=False)


@pytest.mark.parametrize(
    ("dataset", "row", "expected", "origin"),
    [
        ({}, {}, (10_000, 30_000, 37_984), "released"),
        ({}, {"folder": "subj08"}, (8_859, 22_500, 37_984), "released"),
        ({"space": "func1pt8mm"}, {}, (10_000, 30_000, 15_724), "released"),
        ({"mask": "all"}, {}, (10_000, 30_000, 327_684), "released"),
        ({}, {"sessions": "1"}, (295, 750, 37_984), "assumed"),
        ({"mask": "streams"}, {}, (10_000, 30_000, 37_984), "assumed"),
    ],
)
def test_the_nsd_is_known_as_released(here, dataset, row, expected, origin):
    given = study({"kind": "nsd", "root": "away", **dataset}, {"subject": "subj01", **row})
    found = sizes.subject_size(given, "subj01", RESULTS)
    size = found.size
    assert (size.n_images, size.n_trials, size.n_vertices) == expected
    assert found.origin == origin


def test_algonauts_is_known_as_released(here):
    given = study({"kind": "algonauts2023", "root": "away"}, {"subject": "subj06"})
    assert sizes.subject_size(given, "subj06", RESULTS) == (
        SubjectSize(9_082, 9_082, 39_198),
        "released",
    )


def test_plain_files_are_glanced_at(here):
    (here / "data" / "pictures").mkdir(parents=True)
    for index in range(6):
        (here / "data" / "pictures" / f"{index}.png").touch()
    np.save(here / "data" / "r.npy", np.zeros((4, 12), np.float32))
    (here / "data" / "t.tsv").write_text("image_id\n" + "0\n" * 12)
    row = {"subject": "a", "images": "pictures", "responses": "r.npy", "trials": "t.tsv"}
    given = study({"kind": "table", "root": "data"}, row)
    assert sizes.subject_size(given, "a", RESULTS) == (SubjectSize(6, 12, 4, False), "data")


def test_what_cannot_be_read_at_a_glance_is_assumed(here):
    (here / "data").mkdir()
    (here / "data" / "i.zip").write_text("no zip")
    row = {"subject": "a", "images": "i.zip", "responses": "r.npy"}
    given = study({"kind": "table", "root": "data"}, row)
    for thorough in (False, True):
        found = sizes.subject_size(given, "a", RESULTS, thorough=thorough)
        assert found == (sizes.UNKNOWN_SUBJECT, "assumed")


def test_results_are_known_best_as_soon_as_they_are_there(here):
    given = load_study(write_study(here))
    planner = Planner(given, RESULTS, n_gpus=0)
    assert planner.subject("sim01").origin == "config"
    store = RESULTS / "subjects" / "sim01" / "responses.zarr"
    for name, shape in {"response": [80, 9], "split": [40], "coordinates": [9, 3]}.items():
        (store / name).mkdir(parents=True)
        (store / name / "zarr.json").write_text(json.dumps({"shape": shape}))
    assert planner.subject("sim01") == (SubjectSize(40, 80, 9), "results")
    assert planner.network("plain").origin == "listed"
    size = replace(planner.network("plain").size, channels=(1, 2, 3))
    described = RESULTS / "backbones" / "plain.json"
    described.parent.mkdir()
    described.write_text(json.dumps({"size": asdict(size)}))
    assert planner.network("plain") == (size, "results")


@pytest.mark.parametrize("text", ["{", "{}", '{"size": {"channels": [1]}}', '{"size": 3}'])
def test_a_description_without_a_size_is_passed_over(here, text):
    (RESULTS / "backbones").mkdir(parents=True)
    (RESULTS / "backbones" / "plain.json").write_text(text)
    given = load_study(write_study(here))
    assert sizes.network_size(given, "plain", RESULTS).origin == "listed"


def test_an_unknown_network_is_assumed_until_it_is_measured(here):
    row = {"backbone": "own", "source": "timm", "name": "resnet18", "layers": "1,2"}
    given = study(SIMULATED["dataset"], SUBJECTS[0], [row])
    assert sizes.network_size(given, "own", RESULTS) == (sizes.UNKNOWN_NETWORK, "assumed")
    found = sizes.network_size(given, "own", RESULTS, thorough=True)
    assert found.origin == "measured"
    assert found.size.channels == (64, 128)
    assert found.size.n_parameters == 11_689_512


def test_a_measured_network_takes_what_its_layers_take():
    row = BackboneRow("a", "timm", "vit_tiny_patch16_224")
    network = measure_network(row)
    # 2 · 192 · (3 · 192 + 192 + 2 · 768) a token and layer, attention, and the patches
    blocks = 12 * (197 * 2 * 192 * (4 * 192 + 8 * 192) + 4 * 197**2 * 192)
    assert network.products == pytest.approx(blocks + 196 * 2 * 768 * 192, rel=1e-3)
    assert network.map_values == 12 * 192 * 196
    early = measure_network(replace(row, layers="0"))
    assert early.products < network.products / 8


def test_a_network_that_does_not_run_is_refused():
    with pytest.raises(CortexlensError, match="input_size"):
        measure_network(BackboneRow("a", "timm", "vit_tiny_patch16_224", input_size=3))


def test_no_schedule_is_shorter_than_its_bounds(here):
    jobs = list(Planner(load_study(write_study(here)), RESULTS, n_gpus=0).jobs())
    whole = sum(job.seconds for job in jobs) / 3600
    assert least_hours(jobs, 1, 0) == pytest.approx(whole)
    assert whole / 2 <= least_hours(jobs, 2, 0) < whole
    # however many cores, what waits for each other takes its time
    assert least_hours(jobs, 1_000, 0) == least_hours(jobs, 10_000, 0) > 0
