"""Names cannot leave the folder of results, and neither can links in it."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.backbones.cache import fetched
from cortexlens.config.study import Study, examine_study
from cortexlens.errors import CortexlensError
from cortexlens.planning.sae_jobs import layers_of
from cortexlens.storage.names import check_links, check_names
from cortexlens.workflow.params import load_or_exit
from studies import BACKBONES, SIMULATED, SUBJECTS, write_study, write_table

HOSTILE = {
    "up": "../a",
    "far up": "../../../etc/a",
    "absolute": "/etc/a",
    "Windows": "a\\b",
    "drive": "c:a",
    "dots": "..",
    "NUL": "a\0b",
    "line break": "a\n",
    "long": "a" * 300,
    "bidi": "a\u202eb",
    "no width": "a\u200bb",
    "Cyrillic a": "\u0430",
    "composed": "\u00e9",
    "decomposed": "e\u0301",
    "full width": "\uff41",
    "upper case": "A",
    "option": "-rf",
    "formula": "=cmd",
    "program": "$(touch trace)",
    "empty": "",
}
WHERE = {"study": None, "backbone": "backbones", "subject": "subjects", "finetune": "finetunes"}


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_no_identifier_leaves_the_results(tmp_path, monkeypatch, where, name):
    monkeypatch.chdir(tmp_path)
    config = {**SIMULATED, "finetunes": "finetunes.tsv"}
    path = write_study(tmp_path, config | ({"study": name} if where == "study" else {}))
    tables = {"backbones": BACKBONES, "subjects": SUBJECTS}
    tables["finetunes"] = [{"finetune": "grain", "kind": "drawn-texture"}]
    for table, rows in tables.items():
        changed = [{**rows[0], where: name}] if table == WHERE[where] else rows
        write_table(tmp_path / f"{table}.tsv", changed)
    study, faults = examine_study(path, data=False)
    # a cell cannot hold a line break at its end, which is none of the name either
    if where != "study" and name == "a\n":
        return
    assert study is None
    assert not [fault for fault in faults if "\n" in fault or "\u202e" in fault]
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("name", sorted(set(HOSTILE.values()) - {"A"}))
def test_no_layer_leaves_the_results(tmp_path, name):
    with pytest.raises(CortexlensError, match="which would become a folder"):
        check_names(["blocks.0", name], "net.json")


def test_layers_of_all_are_checked(tmp_path):
    class Checkpoints:
        class describe_backbone:  # noqa: N801, snakemake's name
            @staticmethod
            def get(backbone):
                return type("Job", (), {"output": [str(tmp_path / f"{backbone}.json")]})

    study = Study(tmp_path, {"sae": {"layers": "all"}}, {}, {}, ())
    (tmp_path / "net.json").write_text(json.dumps({"layers": ["blocks.0", "Blocks_1"]}))
    assert layers_of(study, Checkpoints, "net") == ["blocks.0", "Blocks_1"]
    for layers, message in (
        (["../../x"], "would become a folder"),
        (["a", "A"], "one folder on some"),
    ):
        (tmp_path / "net.json").write_text(json.dumps({"layers": layers}))
        with pytest.raises(CortexlensError, match=message):
            layers_of(study, Checkpoints, "net")


@given(st.text())
def test_fetched_weights_stay_in_the_cache(tmp_path_factory, name):
    cache = tmp_path_factory.getbasetemp() / "cache"
    for source, weights in (("diffusers", "pretrained"), ("python", f"https://x/{name}")):
        cells = {"source": source, "name": name, "weights": weights}
        folder = fetched(cells, str(cache)).folder
        assert folder.resolve().parent.parent == cache.resolve()


def test_links_that_lead_out_of_the_results_are_refused(tmp_path):
    outside, results = tmp_path / "outside", tmp_path / "results" / "tiny"
    for folder in (outside, results / "fits" / "ridge" / "net", results / "a.zarr"):
        folder.mkdir(parents=True)
    (results / "inside").symlink_to(results / "fits")
    (results / "a.zarr" / "within").symlink_to(outside)
    check_links(results)
    check_links(results.parent / "none")
    link = results / "fits" / "ridge" / "net" / "sim01"
    link.symlink_to(outside)
    with pytest.raises(CortexlensError, match=r"sim01: is a link to .*outside, outside of"):
        check_links(results)
    link.unlink()
    link.symlink_to("../../../../../outside/none")
    with pytest.raises(CortexlensError, match="is a link to"):
        check_links(results)


def test_results_as_a_whole_may_be_a_link_and_the_workflow_looks(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = write_study(tmp_path)
    elsewhere = tmp_path / "disk" / yaml.safe_load(path.read_text())["study"]
    elsewhere.mkdir(parents=True)
    (tmp_path / "results").symlink_to(tmp_path / "disk")
    name = load_or_exit(str(path), {}).name
    (tmp_path / "results" / name / "features").symlink_to(tmp_path)
    with pytest.raises(SystemExit) as raised:
        load_or_exit(str(path), {})
    assert raised.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
