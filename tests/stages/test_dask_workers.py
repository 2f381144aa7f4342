"""Stages on a dask cluster of several processes: the bytes are those of one process."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from clusters import kill_a_busy_worker, local_cluster
from cortexlens.cli import app, main
from cortexlens.compute import dask_client
from cortexlens.features import workers
from cortexlens.sae import similarity
from cortexlens.sae import workers as sae_workers
from cortexlens.study.pictures.image_set import ImageSet
from planted_units import LAYERS, compared, write_planted

ROW = {
    "backbone": "resnet20-cifar10",
    "source": "python",
    "name": "cortexlens.backbones.cifar_resnet:resnet20",
    "weights": "packaged:resnet20_cifar10",
    "layers": "layer[123].2",
    "input-size": "32",
    "mean": "0.485,0.456,0.406",
    "std": "0.229,0.224,0.225",
    "grid": "2",
    "batch-size": "24",
    "device": "cpu",
}
N_IMAGES = 370


@pytest.fixture(scope="module")
def address():
    """Two workers, about 5 s to start."""
    with local_cluster(2) as address:
        yield address


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for i in range(N_IMAGES):
        pixels = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"p{i:03d}.png", compress_level=1)
    ImageSet.from_folder(folder).write(folder / "images.tsv")
    return folder / "images.tsv"


def extract(images, out, **change):
    columns = ROW | {"images": str(images), "out": str(out)} | change
    options = [part for name, value in columns.items() for part in (f"--{name}", value)]
    return CliRunner().invoke(app, ["extract-features", *options])


def files(folder):
    """Every file of a store with its bytes."""
    found = {str(path.relative_to(folder)): path for path in Path(folder).rglob("*")}
    return {name: path.read_bytes() for name, path in found.items() if path.is_file()}


@pytest.fixture(scope="module")
def alone(images, tmp_path_factory):
    out = tmp_path_factory.mktemp("alone") / "s.zarr"
    result = extract(images, out)
    assert result.exit_code == 0, result.output
    return files(out)


def test_features_are_the_same_though_a_worker_is_killed(
    address, images, alone, tmp_path, monkeypatch
):
    killed, gathered = [], dask_client.gathered

    def killing(client, function, tasks):
        for number, pair in enumerate(gathered(client, function, tasks)):
            if len(tasks) > 1 and number == 1:
                killed.append(kill_a_busy_worker(client))
            yield pair

    monkeypatch.setattr(workers, "gathered", killing)
    result = extract(images, tmp_path / "s.zarr", scheduler=address)
    assert result.exit_code == 0, result.output
    assert len(killed) == 1
    assert files(tmp_path / "s.zarr") == alone
    assert [path.name for path in tmp_path.iterdir()] == ["s.zarr"]


def test_only_missing_blocks_are_computed_again(address, images, alone, tmp_path, monkeypatch):
    asked, gathered = [], dask_client.gathered

    def stopping(client, function, tasks):
        for number, pair in enumerate(gathered(client, function, tasks)):
            if len(tasks) > 1 and number == 2:
                raise KeyboardInterrupt
            yield pair

    def noting(client, function, tasks):
        asked.append(sorted(tasks))
        return gathered(client, function, tasks)

    monkeypatch.setattr(workers, "gathered", stopping)
    assert extract(images, tmp_path / "s.zarr", scheduler=address).exit_code != 0
    done = (tmp_path / ".s.zarr.partial/blocks.jsonl").read_text().splitlines()
    finished = {json.loads(line)["block"] for line in done}
    assert len(finished) == 2
    monkeypatch.setattr(workers, "gathered", noting)
    assert extract(images, tmp_path / "s.zarr", scheduler=address).exit_code == 0
    assert asked[-1] == sorted(set(range(6)) - finished)
    assert files(tmp_path / "s.zarr") == alone


def similarity_files(planted, address):
    """Units of a layer, as files."""
    units = compared(planted, LAYERS[0], 0, "--scheduler", address)
    return files(units.encoding["source"])


def test_units_are_the_same_though_a_worker_is_killed(address, tmp_path, monkeypatch):
    """Blocks of six vertices, many for each worker."""
    planted, killed = write_planted(tmp_path), []

    def killing(client, function, tasks):
        for number, pair in enumerate(dask_client.gathered(client, function, tasks)):
            if number == 1:
                killed.append(kill_a_busy_worker(client))
            yield pair

    def small(n_units, n_vertices):
        return [slice(start, min(start + 6, n_vertices)) for start in range(0, n_vertices, 6)]

    assert len(similarity.block_slices(64, 120)) == 1
    monkeypatch.setattr(sae_workers, "gathered", killing)
    for module in (similarity, sae_workers):
        monkeypatch.setattr(module, "block_slices", small)
    expected = similarity_files(planted, "")
    assert similarity_files(planted, address) == expected
    assert len(killed) == 1
    assert [path.name for path in (planted.folder / "units" / LAYERS[0]).iterdir()] == [
        "seed-0.zarr"
    ]


def ended(monkeypatch, capsys, *arguments):
    """Run the command; its exit code and the lines it prints on standard error."""
    monkeypatch.setattr("sys.argv", ["cortexlens", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code, capsys.readouterr().err.splitlines()


def options_of(images, out, address):
    columns = ROW | {"images": str(images), "out": str(out), "scheduler": address}
    return [part for name, value in columns.items() for part in (f"--{name}", value)]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://127.0.0.1:1", "tcp://a b:1"])
def test_a_scheduler_that_does_not_answer_is_one_line(
    images, tmp_path, monkeypatch, capsys, address
):
    monkeypatch.setattr(dask_client, "PATIENCE", 1)
    options = options_of(images, tmp_path / "s.zarr", address)
    code, lines = ended(monkeypatch, capsys, "extract-features", *options)
    assert code == 2
    assert [line for line in lines if "no dask scheduler answers there" in line] == lines
    assert not list(tmp_path.iterdir())


def test_jobs_of_the_workflow_read_the_address_from_a_variable(
    images, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(dask_client, "PATIENCE", 1)
    monkeypatch.setenv("CORTEXLENS_SCHEDULER", "tcp://127.0.0.1:9")
    options = options_of(images, tmp_path / "s.zarr", "")
    code, lines = ended(monkeypatch, capsys, "extract-features", *options[:-2])
    assert code == 2
    assert "found 'tcp://127.0.0.1:9'; no dask scheduler answers" in lines[0]


def test_workers_of_another_cortexlens_are_one_line(address, images, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(dask_client, "fingerprint", lambda stage: "0123456789abcdef")
    options = options_of(images, tmp_path / "s.zarr", address)
    code, lines = ended(monkeypatch, capsys, "extract-features", *options)
    assert code == 2
    assert "has another version of cortexlens: code" in lines[-1]
    assert "the job has 0123456789abcdef" in lines[-1]
    assert not (tmp_path / "s.zarr").exists()


def test_without_the_package_it_is_one_line(images, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    options = options_of(images, tmp_path / "s.zarr", "tcp://127.0.0.1:9")
    code, lines = ended(monkeypatch, capsys, "extract-features", *options)
    assert code == 2
    assert len(lines) == 1
    assert "pip install 'cortexlens[dask]'" in lines[0]
