"""Benchmarks of the readouts run at a tiny size, and say what their fits say."""

import json
import re
import shutil
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from cortexlens.encoding.fit import FitOptions
from cortexlens.encoding.recovery import FOUND
from cortexlens.errors import CortexlensError
from cortexlens.storage.datasets import open_dataset
from studies import REPOSITORY

sys.path.append(str(REPOSITORY / "benchmarks"))

import calibration
import made_up
import marked
import readouts
import solver

PAGE = REPOSITORY / "docs" / "readouts.md"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    threads = torch.get_num_threads()
    shutil.copy(PAGE, tmp_path / "page.md")
    yield tmp_path
    torch.set_num_threads(threads)


def call(monkeypatch, module, *given):
    words = ["--tiny", "--threads", "1", "--page", "page.md", "--out", "out", *given]
    monkeypatch.setattr(sys, "argv", [f"{module.__name__}.py", *words])
    module.main()
    return Path("page.md").read_text()


def part(page, name):
    """Text between the marks of a part."""
    return page.partition(f"<!-- {name}: written by a benchmark -->")[2].partition("<!-- end")[0]


def test_readouts_are_compared_on_the_same_images(monkeypatch):
    page = call(monkeypatch, readouts, "--halves")
    table = pd.read_csv("out/readouts.tsv", sep="\t").set_index("readout")
    assert list(table.index) == list(readouts.READOUTS)
    assert (table["training_images"] == made_up.TINY.images).all()
    stores = Path("out/made-up/none/made-up")
    fits = {name: open_dataset(stores / f"{name}.zarr", kind="fit") for name in table.index}
    for name, fit in fits.items():
        assert table.loc[name, "r2"] == pytest.approx(float(fit["r2_test"].mean()), rel=1e-4)
        assert np.array_equal(fit["test_image"], fits["stacked"]["test_image"])
    apart = table["r2"]["stacked"] - table["r2"].drop("stacked")
    others = table.drop("stacked")
    assert np.allclose(others["stacked_minus_it"], apart, atol=1e-5)
    assert (others["low"] < others["high"]).all()
    assert f"| made-up | none | made-up | 60 | {table['r2']['stacked']:.3f} |" in page
    assert "has not been run" not in part(page, "planted truth by readout")

    halves = pd.read_csv("out/halves.tsv", sep="\t").set_index("readout")
    assert (halves["training_images"] == made_up.TINY.images // 2).all()
    first, second = (
        open_dataset(stores / f"ridge-{half}.zarr", kind="fit")["layer_selector"].values
        for half in "ab"
    )
    same = (first.argmax(axis=1) == second.argmax(axis=1)).mean()
    assert halves.loc["ridge", "same_layer"] == pytest.approx(same, rel=1e-5)
    assert np.isnan(halves.loc["ridge", "sure"])
    assert 0 <= halves.loc["stacked", "sure"] <= 1


def test_a_second_call_fits_nothing_but_what_is_missing(monkeypatch):
    call(monkeypatch, readouts, "--readouts", "ridge")
    before = pd.read_csv("out/readouts.tsv", sep="\t")
    assert list(before["readout"]) == ["stacked", "ridge"]
    made = []
    fit_readout = readouts.fit_readout

    def noted(kind, *arguments):
        made.append(kind)
        return fit_readout(kind, *arguments)

    monkeypatch.setattr(readouts, "fit_readout", noted)
    call(monkeypatch, readouts, "--readouts", "banded")
    assert made == ["banded"]
    after = pd.read_csv("out/readouts.tsv", sep="\t")
    assert list(after["readout"]) == ["stacked", "ridge", "banded"]
    assert after[:2].equals(before)
    # fits of other code are made anew, unless they are asked for
    monkeypatch.setattr(readouts, "fingerprint", lambda stage: f"another {stage}")
    call(monkeypatch, readouts, "--readouts", "banded", "--keep")
    assert made == ["banded"]
    call(monkeypatch, readouts, "--readouts", "banded")
    assert made == ["banded", "stacked", "banded"]


def test_an_interval_of_a_difference_is_of_the_same_draws(monkeypatch):
    call(monkeypatch, readouts, "--readouts", "ridge")
    fits = [
        open_dataset(Path("out/made-up/none/made-up") / f"{name}.zarr", kind="fit").load()
        for name in ("stacked", "ridge")
    ]
    how = readouts.How(Path("out"), torch.device("cpu"), 0, 200)
    estimate, low, high = readouts.less(*fits, how)
    back, back_low, back_high = readouts.less(*fits[::-1], how)
    assert (back, back_low, back_high) == pytest.approx((-estimate, -high, -low))
    assert readouts.less(fits[0], fits[0], how) == (0, 0, 0)
    other = fits[1].assign_coords(test_image=fits[1]["test_image"] + 1)
    with pytest.raises(CortexlensError, match="scored on different images"):
        readouts.less(fits[0], other, how)


def test_every_study_by_default_has_a_config():
    study_of = {"demo": "config", "planted": "planted", "v4": "v4"}
    assert set(readouts.STUDIES) == set(study_of)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        for study, folder in study_of.items():
            assert readouts.config_of(study).parent.name == folder
        with pytest.raises(CortexlensError, match="no config of a study 'none'"):
            readouts.config_of("none")


def test_reliability_is_counted_from_outcomes():
    rng = np.random.default_rng(0)
    said = rng.uniform(0, 1, 20_000)
    outcome = pd.DataFrame(
        {
            "truth": np.repeat(["isotropic", "patchy"], 10_000),
            "ceiling": np.tile([0.3, 0.6], 10_000),
            "confidence": said,
            # patchy truths are never found
            "right": (rng.uniform(0, 1, 20_000) < said) & (np.arange(20_000) < 10_000),
            **dict.fromkeys(calibration.HELD.values(), True),
        }
    )
    outcome["x_held"] = outcome["truth"] == "isotropic"
    table = calibration.reliability(outcome)
    of = {
        truth: table[(table["truth"] == truth) & (table["ceiling"] == "all")]
        for truth in ("all", "isotropic", "patchy")
    }
    assert calibration.expected_error(of["isotropic"]) < 0.02
    assert calibration.expected_error(of["patchy"]) == pytest.approx(0.5, abs=0.02)
    assert (of["all"]["n_vertices"].sum(), of["isotropic"]["n_vertices"].sum()) == (20_000, 10_000)
    sure = of["isotropic"][of["isotropic"]["bin_low"] == 0.75].iloc[0]
    assert 0.75 < sure["probability"] < 0.85
    assert sure["share_low"] < sure["share"] < sure["share_high"]
    held = calibration.coverage(outcome).set_index(["truth", "ceiling", "of"])["share"]
    assert held["all", "all", "place, x"] == 0.5
    assert held["isotropic", "all", "place, x"] == held["patchy", "all", "place, y"] == 1


def test_outcomes_are_of_the_recovery_itself(monkeypatch):
    """What is right and what is held, found again by hand from the recovery's dataset."""
    kept = []
    recover = calibration.recover
    monkeypatch.setattr(calibration, "recover", lambda *a: kept.append(recover(*a)) or kept[-1])
    page = call(monkeypatch, calibration, "--truths", "isotropic", "--ceilings", "0.6")
    (one,) = kept
    assert set(FOUND) <= set(one)
    (path,) = Path("out").glob("*/isotropic-0.6-0.tsv")
    outcome = pd.read_csv(path, sep="\t")
    right = one["layer_selector"].argmax("layer") == one["planted_layer"].argmax("layer")
    assert np.array_equal(outcome["right"], right)
    inside = (one["space_low"] <= one["planted_space"]) & (
        one["planted_space"] <= one["space_high"]
    )
    assert np.array_equal(outcome[["x_held", "y_held"]], inside)
    assert outcome["confidence"].to_numpy() == pytest.approx(one["confidence"].values, rel=1e-5)
    # nothing is planted again, and the page is the same
    assert call(monkeypatch, calibration, "--truths", "isotropic", "--ceilings", "0.6") == page
    assert len(kept) == 1
    assert "| isotropic | all | 40 |" in part(page, "coverage of intervals")
    for suffix in ("png", "svg"):
        assert Path("out", f"reliability.{suffix}").stat().st_size > 1000
        assert f"images/reliability.{suffix}" in part(page, "reliability of probabilities")


def test_both_fits_are_timed_at_each_size(monkeypatch):
    before = Path("page.md").read_text()
    page = call(monkeypatch, solver, "--axes", "vertices", "lattice")
    rows = json.loads(Path("out/solver.json").read_text())["rows"]
    assert [row["axis"] for row in rows] == ["vertices"] * 2 + ["lattice"] * 2
    assert [row["value"] for row in rows[:2]] == list(solver.TINY_AXES["vertices"])
    for row in rows:
        ratio = row["factortopy_seconds"] / row["stacked_seconds"]
        assert row["ratio"] == pytest.approx(ratio)
    assert "Times grow with these powers" in part(page, "time by size")
    assert part(page, "time by size") != part(before, "time by size")
    assert part(page, "time at paper size") == part(before, "time at paper size")


def test_the_stages_of_a_fit_add_up_and_its_products_are_counted(monkeypatch):
    monkeypatch.setattr(solver.fit, "FitOptions", partial(FitOptions, epochs=2))
    page = call(monkeypatch, solver, "--paper-size", "--whole", "--channels", "5")
    found = json.loads(Path("out/paper_size.json").read_text())
    spent = found["stacked"]
    assert set(spent["seconds"]) == {*solver.STAGES, solver.REST}
    assert min(spent["seconds"].values()) >= 0
    assert sum(spent["seconds"].values()) == pytest.approx(found["stacked_seconds"])
    # three layers through 3 × 3 tokens: each window's 5 channels, and the coarse grid's 2 × 2 × 5
    assert set(spent["decompositions"]) == {"5", "20"}
    assert spent["decompositions"]["20"] == made_up.TINY.layers
    # each decomposition of side c comes with c² products of all training images, in float64
    n, sides = made_up.TINY.images, spent["decompositions"]
    least = sum(2 * n * int(side) ** 2 * count for side, count in sides.items())
    assert found["products"]["torch.float64"] >= least
    assert 0 < found["share_of_rate"] <= found["share_of_rate_without_decompositions"]
    assert re.search(r"FactorTopy: \d+ s \(run to its end\)", part(page, "time at paper size"))


def test_products_are_counted_by_number_format():
    left, right = torch.ones(3, 4), torch.ones(4, 5)
    with solver.Products() as products:
        left @ right
        torch.einsum("bij,bjk->bik", left[None].double(), right[None].double())
        left + left
    assert products.operations == {torch.float32: 2 * 3 * 4 * 5, torch.float64: 2 * 3 * 4 * 5}


def test_a_made_up_response_is_its_token_and_noise(tmp_path):
    features, responses = made_up.write_subject(tmp_path, made_up.Sizes(40, 400, 2, 3, 2, 0.99))
    tokens = [features.read(layer, np.arange(features.n_images)) for layer in range(2)]
    at = ((responses["planted_space"].values + 1) / 2 * 2).astype(int).clip(0, 1)
    layer = responses["planted_layer"].values.argmax(axis=1)
    for vertex in range(40):
        seen = tokens[layer[vertex]][:, at[vertex, 1] * 2 + at[vertex, 0]].astype(np.float64)
        response = responses["response"].values[:, vertex]
        weight, *_ = np.linalg.lstsq(seen, response, rcond=None)
        assert (response - seen @ weight).var() == pytest.approx(0.01, rel=0.5)
    assert np.bincount(responses["split"].values).tolist() == [400, 40, 40]


def test_every_part_of_the_page_has_its_place(here):
    text = PAGE.read_text()
    names = re.findall(r"<!-- (.+): written by a benchmark -->", text)
    assert len(names) == len(set(names)) == 7
    for name in names:
        marked.write_part(here / "page.md", name, "written anew")
    assert (here / "page.md").read_text().count("written anew") == 7
    with pytest.raises(CortexlensError, match="found no place for the text"):
        marked.write_part(here / "page.md", "no such part", "text")
