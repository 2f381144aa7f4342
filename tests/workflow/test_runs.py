"""A whole run on a tiny study: everything is made once, and made again only for a reason."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from atlas_files import Page
from cortexlens.storage.datasets import open_dataset
from programs import Workflow
from studies import (
    BACKBONES,
    MAPS,
    PICTURES,
    QUICK,
    REPOSITORY,
    SIMULATED,
    write_study,
    write_table,
)
from trees import algonauts_tree

AFTER_FITS = {
    **{"summarise_scores": 1, "summarise_hierarchy": 1, "summarise_levels": 1, "draw_overview": 1},
    **{"summarise_models": 1, "compare_paper": 1, "draw_max_model": 1, "draw_hierarchy": 1},
    **{"build_atlas": 1, "write_methods": 1},
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def algonauts(tmp_path_factory):
    """A finished study of two small networks on a folder of the Algonauts challenge."""
    workflow = Workflow(tmp_path_factory.mktemp("algonauts"))
    algonauts_tree(workflow.folder / "data", n_images=40, n_vertices=(40, 44))
    runs = [
        {"backbones": "all", "subjects": "all", "readouts": ["factortopy"]},
        {"backbones": ["plain"], "subjects": "all", "readouts": ["ridge"]},
    ]
    config = {**SIMULATED, **QUICK, "study": "algonauts", "runs": runs}
    config["dataset"] = {"kind": "algonauts2023", "root": "data"}
    write_study(workflow.folder, config, [{"subject": "subj01"}])
    done = workflow("--show-failed-logs")
    assert done.returncode == 0, done.stdout + done.stderr
    return workflow


@pytest.fixture
def copy(algonauts, tmp_path):
    """A copy of the finished study, times and all, to change something in."""
    folder = tmp_path / "study"
    shutil.copytree(algonauts.folder, folder)
    return Workflow(folder)


@pytest.fixture
def source(tmp_path):
    """A copy of the package's source, to change something in."""
    return Path(shutil.copytree(REPOSITORY / "src", tmp_path / "src"))


def pages(results: Path) -> dict:
    """What the page of a study says that it shows."""
    return Page.of_folder(results / "atlas").manifest


def amend(path: Path) -> None:
    """Change what a module does, if only a little."""
    path.write_text(path.read_text() + "\n\nAMENDED = True\n")


def test_a_run_leaves_every_result(algonauts):
    results = algonauts.folder / "results" / "algonauts"
    scores = pd.read_csv(results / "tables" / "brain_score.tsv", sep="\t")
    assert {tuple(row) for row in scores[["backbone", "readout"]].to_numpy()} == {
        ("plain", "factortopy"),
        ("other", "factortopy"),
        ("plain", "ridge"),
    }
    hierarchy = pd.read_csv(results / "tables" / "hierarchy.tsv", sep="\t")
    assert set(hierarchy["backbone"]) == {"plain", "other"}
    for backbone in ("plain", "other"):
        folder = results / "figures" / backbone / "subj01"
        assert {path.name for path in folder.iterdir()} == MAPS
    fit = open_dataset(results / "fits/factortopy/plain/subj01/fit.zarr", kind="fit")
    assert fit.sizes["vertex"] == 84
    assert fit.attrs["backbone"] == "plain"
    shown = {(each["network"], each["readout"]) for each in pages(results)["maps"]}
    assert shown == {tuple(row) for row in scores[["backbone", "readout"]].to_numpy()}
    logs = {path.stem for path in (results / "logs").iterdir()}
    assert logs == {path.stem for path in (results / "benchmarks").iterdir()}


def test_a_second_call_does_nothing(algonauts):
    done = algonauts("--dry-run")
    assert "Nothing to be done" in done.stdout + done.stderr


def test_the_report_holds_pictures_and_tables(algonauts):
    done = algonauts("--report", "report.html")
    assert done.returncode == 0, done.stderr
    report = (algonauts.folder / "report.html").read_text()
    pictures = {f"{name}.png" for name in PICTURES}
    for name in ("overview.png", "hierarchy.png", "brain_score.tsv", *pictures):
        assert name in report


def test_adding_a_row_runs_that_network_and_the_summaries(copy):
    write_table(copy.folder / "backbones.tsv", [*BACKBONES, {**BACKBONES[0], "backbone": "third"}])
    assert copy.planned() == {
        "describe_backbone": 1,
        "extract_features": 1,
        "fit_encoder": 1,
        "score_fit": 1,
        "draw_maps": 1,
        **AFTER_FITS,
    }
    planned = copy("--dry-run").stdout
    assert "Fit factortopy: third, subj01" in planned
    assert "Fit factortopy: plain" not in planned


def test_changed_code_of_the_fit_runs_the_fits_and_not_the_features(copy, source):
    amend(source / "cortexlens" / "encoding" / "fit.py")
    assert copy.planned(source=source) == {
        "fit_encoder": 2,
        "score_fit": 2,
        "draw_maps": 2,
        **AFTER_FITS,
        "summarise_scores": 1,
    }


def test_changed_code_of_the_features_runs_features_and_fits(copy, source):
    amend(source / "cortexlens" / "features" / "extract.py")
    jobs = copy.planned(source=source)
    assert jobs["extract_features"] == 2
    assert jobs["fit_encoder"] == 2
    assert jobs["fit_ridge"] == 1
    assert "collect_responses" not in jobs


def test_a_changed_key_runs_what_depends_on_it(copy):
    jobs = copy.planned("--config", "ridge={components: 4}")
    assert jobs == {
        **{"fit_ridge": 1, "score_fit": 1},
        **{"summarise_scores": 1, "compare_paper": 1, "draw_overview": 1},
        **{"build_atlas": 1, "write_methods": 1},
    }


def test_the_page_shows_what_other_targets_made_and_never_makes_it_again(copy):
    config = yaml.safe_load((copy.folder / "config.yaml").read_text())
    config["further"] = [{"backbones": ["other"], "subjects": "all", "readouts": ["ridge"]}]
    (copy.folder / "config.yaml").write_text(yaml.safe_dump(config))
    assert copy.planned() == {}
    done = copy("--", "everything")
    assert done.returncode == 0, done.stderr
    shown = pages(copy.folder / "results" / "algonauts")["maps"]
    assert ("other", "ridge") in {(each["network"], each["readout"]) for each in shown}
    assert copy.planned("everything") == {}
    # the fit of the runs alone, though the other has become as old
    assert copy.planned("--config", "ridge={components: 4}")["fit_ridge"] == 1
    done = copy()
    assert done.returncode == 0, done.stderr
    assert pages(copy.folder / "results" / "algonauts")["maps"] == shown
    assert copy.planned() == {}


def test_a_changed_pace_runs_nothing(copy):
    assert copy.planned("--config", "features={workers: 2, decoded_gb: 1}") == {}
    assert copy.planned("--config", "threads={extract_features: 2, fit_encoder: 2}") == {}
    assert not (copy.folder / "results" / "algonauts" / "decoded").exists()


def test_a_changed_cell_runs_that_network(copy):
    write_table(copy.folder / "backbones.tsv", [BACKBONES[0], {**BACKBONES[1], "seed": "2"}])
    jobs = copy.planned()
    assert jobs["extract_features"] == jobs["fit_encoder"] == jobs["describe_backbone"] == 1
