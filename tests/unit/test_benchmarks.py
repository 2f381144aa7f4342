"""Every benchmark runs from its first line to its last, at a tiny size."""

import json
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest
import torch

from cortexlens.backbones.row import BackboneRow
from cortexlens.cli import app
from cortexlens.encoding.selectors import TopologicalSelectors
from cortexlens.storage.datasets import open_dataset
from encoders import planted_data, write_subject
from studies import REPOSITORY

sys.path.append(str(REPOSITORY / "benchmarks"))

import atlas
import coverage_hierarchy
import coverage_scores
import extraction
import few_images
import fit_step
import growth
import network_sizes
import nsd_memory
import performance
import prove_zoo
import reading
import run
import sae
import same_result
import significance
import similarity
import topology

BENCHMARKS = REPOSITORY / "benchmarks"
# Run elsewhere: whole runs of a study (tests/workflow/test_soak.py), the page in a browser
# (tests/browser), and those with tests of their own.
ELSEWHERE = {
    *("calibration", "page", "readouts", "recovery_table"),
    *("same_tables", "soak", "solver"),
}
SIZES = reading.Sizes(images=32, layers=2, grid=4, channels=8, vertices=20, batch=8, repeats=1)
ROW = BackboneRow("tiny", "timm", "test_vit")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    yield tmp_path
    torch.set_num_threads(threads)


def loaded(name):
    """A benchmark whose name a module of the tests has too."""
    spec = spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


channels = loaded("channels")


def call(monkeypatch, module, *given):
    monkeypatch.setattr(sys, "argv", [f"{module.__name__}.py", *map(str, given)])
    return module.main()


def tiny_steps(monkeypatch):
    sizes = {"N_VERTICES": 30, "N_LAYERS": 2, "N_CHANNELS": 6, "SIDE": 3, "DIMENSIONS": 4}
    for name, value in {**sizes, "LITERAL_BATCH": 2, "BATCH": 4}.items():
        monkeypatch.setattr(fit_step, name, value)


def test_every_benchmark_is_run():
    programs = {path.stem for path in BENCHMARKS.glob("*.py") if "__main__" in path.read_text()}
    assert programs - ELSEWHERE <= set(globals())


def test_all_timings_are_taken_side_by_side(here, monkeypatch, capsys):
    """As `make bench` does; what it writes goes into the page of all figures."""
    tiny_steps(monkeypatch)
    monkeypatch.setattr(fit_step, "peak", lambda *_: 1e9)
    monkeypatch.setattr(reading.measure, "__defaults__", (SIZES,))
    real = reading.replace
    monkeypatch.setattr(
        reading, "replace", lambda sizes, **new: real(sizes, **{**new, **vars_of_tiny(new)})
    )
    monkeypatch.setattr(extraction, "SIDE", 40)
    monkeypatch.setattr(extraction, "BATCH", 2)
    monkeypatch.setattr(extraction, "LARGE", extraction.SMALL)
    monkeypatch.setattr(extraction.measure, "__defaults__", (4, 1, "cpu"))
    for timed in (extraction.kept_decoded, extraction.decoding):
        monkeypatch.setattr(timed, "__defaults__", (2,))
    monkeypatch.setattr(run, "RESULTS", here / "results")
    call(monkeypatch, run)
    rows = json.loads((here / "results/bench.json").read_text())
    names = [row["name"] for row in rows]
    assert len(set(names)) == len(names)
    assert {name.partition(",")[0] for name in names} | {"fit_step_gpu"} >= {
        name for name in performance.MEANING if "gpu" not in name
    }
    for row in rows:
        assert 0 < row["ratio_low"] <= row["ratio"] <= row["ratio_high"] < np.inf, row["name"]
    assert capsys.readouterr().out.count("\n") == 1 + len(rows)

    kept = json.loads(performance.KEPT.read_text())
    (here / "kept.json").write_text(json.dumps(kept))
    monkeypatch.setattr(performance, "KEPT", here / "kept.json")
    monkeypatch.setattr(performance, "PAGE", here / "page.md")
    monkeypatch.setattr(performance, "RESULTS", here / "results")
    call(monkeypatch, performance)
    page = (here / "page.md").read_text()
    for row in rows:
        assert f"| `{row['name']}` | **{row['ratio']:.3g}** " in page
    assert not re.search(r"\{[a-z_]+\}", page)


def vars_of_tiny(new):
    """Sizes of a real subject, as small as all others."""
    return {name: getattr(SIZES, name) for name in ("layers", "vertices", "repeats") if name in new}


def test_the_parts_of_a_step_are_of_the_selectors_that_there_are(monkeypatch):
    tiny_steps(monkeypatch)
    step = fit_step.Step(4, torch.float32, torch.device("cpu"))
    assert isinstance(step.model.selectors, TopologicalSelectors)
    assert step.model.selectors().mask is None
    lines = fit_step.parts(step, 1)
    assert [line["name"].rpartition("_")[2] for line in lines] == [
        "selectors",
        "alignment",
        "reading",
    ]
    for part in step.model.selectors.parameters():
        assert part.grad is not None


def test_a_page_is_packed(here, monkeypatch, capsys):
    call(monkeypatch, atlas, "--networks=1", "--subjects=1", "--vertices=60", "--folder=page")
    assert "single file: " in capsys.readouterr().out
    assert (here / "page/atlas.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("module", "given", "told"),
    [
        (channels, ["--vertices=120", "--channels=6", "--first=60", "--splits=1"], "stability: "),
        (significance, ["--images=20", "--vertices=30", "--number=10"], "permutation: "),
        (
            sae,
            [
                *("--images=16", "--places=4", "--channels=8", "--expansion=2", "--k=2"),
                *("--batch-size=16", "--epochs=1", "--repeats=1", "--device=cpu", "--whole"),
            ],
            "all steps: ",
        ),
    ],
    ids=["channels", "significance", "sae"],
)
def test_times_of_one_kind_of_job_are_told(module, given, told, monkeypatch, capsys):
    call(monkeypatch, module, *given)
    assert told in capsys.readouterr().out


def test_units_are_compared_with_vertices(monkeypatch, capsys):
    for name, value in (("UNITS", 40), ("TRAINING", 30), ("TESTED", 10)):
        monkeypatch.setattr(similarity, name, value)
    call(monkeypatch, similarity, "--layers=1", "--vertices=20", "--threads=1", "--active=0.1")
    call(monkeypatch, similarity, "--products")
    told = capsys.readouterr().out
    assert "a layer: " in told
    assert told.count("sparse") == 5


def test_intervals_of_scores_are_counted(here, monkeypatch):
    (here / "images").mkdir()
    sizes = {"SIZES": (20,), "BOOTSTRAPS": 20, "PERMUTATIONS": 19, "TRUTH_IMAGES": 500}
    for name, value in {**sizes, "DOCS": here}.items():
        monkeypatch.setattr(coverage_scores, name, value)
    call(monkeypatch, coverage_scores, "--repeats=2", "--write")
    rows = json.loads((here / "coverage_scores.json").read_text())["rows"]
    assert [row["design"] for row in rows] == list(coverage_scores.DESIGNS)
    assert all(0 <= row["vertex"] <= 1 for row in rows)
    assert (here / "images/coverage_scores.png").exists()


def test_intervals_of_the_hierarchy_are_counted(here, monkeypatch):
    (here / "images").mkdir()
    sizes = {"WAVES": 5, "DRAWS": 20, "TOGETHER": 2, "DOCS": here}
    for name, value in {**sizes, "CASES": [("smooth", 0), ("rough", 8), ("unequal", 8)]}.items():
        monkeypatch.setattr(coverage_hierarchy, name, value)
    call(monkeypatch, coverage_hierarchy, "--cortices=2", "--write")
    rows = json.loads((here / "coverage_hierarchy.json").read_text())["rows"]
    assert len(rows) == 6
    assert all(row["blocks, width"] > 0 for row in rows)
    assert (here / "images/coverage_hierarchy.png").exists()


@pytest.fixture
def study(here):
    """A folder of results with one fit, as benchmarks of whole studies read it."""
    data, _ = planted_data(n_images=120, repeats=2)
    results = here / "results/demo"
    features, responses = write_subject(here, data, coordinates=True)
    for path, place in (
        (features, "features/demo-supervised/sim01.zarr"),
        (responses, "subjects/sim01/responses.zarr"),
    ):
        (results / place).parent.mkdir(parents=True)
        path.rename(results / place)
    fit = results / "fits/factortopy/demo-supervised/sim01"
    options = {
        "features": results / "features/demo-supervised/sim01.zarr",
        "responses": results / "subjects/sim01/responses.zarr",
        **{"out": fit / "fit.zarr", "model": fit / "model.safetensors"},
        **{"backbone": "demo-supervised", "subject": "sim01", "readout": "factortopy"},
        **{"dimensions": 4, "epochs": 3, "batch-size": 16, "precision": "float32"},
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    app(["fit-encoder", *words], standalone_mode=False)
    return results


def test_both_orders_both_precisions_and_batches_are_compared(study, monkeypatch):
    monkeypatch.setattr(same_result, "TRIED", {None: ((16,), (0.01,)), 2: ((8,), (0.01, 0.03))})
    monkeypatch.setattr(same_result, "PREDICTED", -np.inf)
    for what in same_result.COMPARISONS:
        call(monkeypatch, same_result, what, study, "--threads=1", "--out=out")
    orders, batches, precisions = (
        pd.read_csv(f"out/{what}.tsv", sep="\t") for what in same_result.COMPARISONS
    )
    # the two orders are one computation
    assert orders["r2_test"].to_numpy() == pytest.approx(orders["r2_test_literal"], abs=1e-3)
    assert sorted(batches["passes"]) == [2, 2, 2, 2, 3, 3]
    assert precisions["same_seed"].between(0, 1).all()


def test_few_images_are_fitted_by_both_schedules(study, monkeypatch):
    monkeypatch.setattr("cortexlens.compute.schedule.LEAST_STEPS", 20)
    call(monkeypatch, few_images, study, "--counts", 20, "--vertices=3", "--threads=1", "--out=out")
    table = pd.read_csv("out/few_images.tsv", sep="\t")
    assert list(table["schedule"]) == ["fixed", "scaled"]


def test_smooth_and_free_selectors_are_compared(study, here, monkeypatch):
    (here / "config").mkdir()
    settings = {"epochs": 2, "dimensions": 4, "batch_size": 16}
    (here / "config/config.yaml").write_text(json.dumps({"encoder": settings}))
    for name, value in (("VERTICES", 6), ("SEEDS", 2)):
        monkeypatch.setattr(topology, name, value)
    call(monkeypatch, topology, "--results", study)
    table = pd.read_csv("results/topology/topology.tsv", sep="\t")
    assert set(table["ceiling"]) == set(topology.CEILINGS)
    assert len(table) == len(topology.CEILINGS) * 3 * len(topology.MEASURES)
    store = open_dataset(next(Path("results/topology").glob("*.zarr")), kind="recovery")
    assert store.sizes["seed"] == 2


def test_sizes_of_networks_are_listed(here, monkeypatch):
    row = {"backbone": "tiny", "source": "zoo", "name": "vit-demo"}
    monkeypatch.setattr(network_sizes, "rows", lambda: iter([row, row]))
    monkeypatch.setattr(network_sizes, "LISTED", here / "sizes.json")
    assert call(monkeypatch, network_sizes) == 0
    (found,) = json.loads((here / "sizes.json").read_text()).values()
    assert found["products"] > 0


def test_a_network_is_proven_by_its_own_forward_pass(here, monkeypatch):
    found = prove_zoo.prove(ROW)
    assert float(found["max difference"]) < 1e-4
    assert found["place"] == "right"
    (here / "page.md").write_text("before" + prove_zoo.SECTION + "by hand\n")
    monkeypatch.setattr(prove_zoo, "PAGE", here / "page.md")
    prove_zoo.write_page({"tiny": found}, ["tiny", "other"])
    page = (here / "page.md").read_text()
    assert "| tiny | timm | test_vit |" in page
    assert "Not run yet: other." in page
    assert page.endswith(prove_zoo.SECTION + "by hand\n")


def test_growth_is_measured_and_rates_are_written(here, monkeypatch):
    monkeypatch.setattr(growth, "RESULTS", here / "growth.json")
    monkeypatch.setattr(growth, "PICTURE", here / "growth.png")
    sizes = [growth.Case("draw-scenes", "images", n, (growth_data().scenes_job, n)) for n in (4, 8)]
    monkeypatch.setattr(growth, "cases", lambda: iter(sizes))
    # how the time of so short a job grows is no figure
    monkeypatch.setattr(growth, "STEEPEST", np.inf)
    assert call(monkeypatch, growth, "--only=draw-scenes", "--calibrate", "--rates=r.json") in (
        0,
        1,
    )
    records = json.loads((here / "growth.json").read_text())
    assert [record["size"] for record in records] == [4, 8]
    assert all(record["seconds"] > 0 for record in records)
    assert json.loads((here / "r.json").read_text())["cpu"]["seconds"]


def growth_data():
    import growth_data

    return growth_data


def test_memory_of_preparing_a_subject_of_the_nsd_is_measured(monkeypatch, capsys):
    sizes = {"PICTURES": 10_000, "SESSIONS": 1, "VOLUME": (8, 9, 7), "VOXELS": 7}
    for name, value in sizes.items():
        monkeypatch.setattr(nsd_memory, name, value)
    assert call(monkeypatch, nsd_memory, "--sessions=1", "--space=func1pt8mm") == 0
    assert "750 trials × 7 vertices" in capsys.readouterr().out


def test_a_subject_of_the_nsd_on_the_surface_is_written(here, monkeypatch):
    sizes = {"N_VERTICES": 50, "TRIALS": 4, "SESSIONS": 3, "MASKED": {"lh": 5, "rh": 6}}
    for name, value in sizes.items():
        monkeypatch.setattr(nsd_memory, name, value)
    nsd_memory.write_surface(here, np.random.default_rng(0))
    (folder,) = here.glob("nsddata_betas/ppdata/subj01/fsaverage/*")
    for side, n_masked in sizes["MASKED"].items():
        mask = nibabel.load(
            here / f"nsddata/freesurfer/fsaverage/label/{side}.nsdgeneral.mgz"
        ).get_fdata()
        assert mask.sum() == n_masked
        files = sorted(folder.glob(f"{side}.betas_session*.mgh"))
        shapes = [nibabel.MGHImage.from_bytes(file.read_bytes()).shape for file in files]
        assert shapes == [(50, 1, 1, 4)] * 3
